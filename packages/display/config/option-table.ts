// oxlint-disable max-lines -- WHY: a table; its rows are as many as there are options.

/**
 * Every option of the display server, once: its flag (KasmVNC's and Xvnc's names), its key in kasmvnc.yaml, what values it takes, and who acts on it.
 * `ours`: this server; `x`: handed to the X server; `none`: understood, so that scripts written for KasmVNC run, and without effect, for the reason in `meaning`.
 */
export interface OptionRow {
  readonly flag?: string;
  readonly yaml?: string;
  readonly kind: OptionKind;
  readonly use: 'ours' | 'x' | 'none';
  readonly meaning: string;
}

export type OptionKind =
  | { readonly type: 'boolean' }
  | {
      readonly type: 'integer';
      readonly min: number;
      readonly max: number;
      readonly words?: Readonly<Record<string, string>>;
    }
  | { readonly type: 'text' }
  | { readonly type: 'choice'; readonly values: Readonly<Record<string, string>> }
  | { readonly type: 'geometry' }
  | { readonly type: 'list' };

const boolean: OptionKind = { type: 'boolean' };
const text: OptionKind = { type: 'text' };
const list: OptionKind = { type: 'list' };
const seconds: OptionKind = { type: 'integer', min: 0, max: 2_147_483, words: { never: '0' } };
const port: OptionKind = { type: 'integer', min: 0, max: 65_535, words: { auto: '0' } };
const quality: OptionKind = { type: 'integer', min: 0, max: 9 };
const bytes: OptionKind = { type: 'integer', min: 0, max: 1_073_741_824, words: { unlimited: '0' } };

function integer(min: number, max: number, words?: Readonly<Record<string, string>>): OptionKind {
  return words === undefined ? { type: 'integer', min, max } : { type: 'integer', min, max, words };
}

function choice(...values: readonly string[]): OptionKind {
  return { type: 'choice', values: Object.fromEntries(values.map((value) => [value, value])) };
}

const noUdp = 'nothing is sent by UDP: one TCP port serves everything';
const noVideoMode = 'there is no mode of scaled whole pictures; a later codec decides by area';
const noWatermark = 'pictures carry no watermark';
const tlsElsewhere = 'for browsers TLS ends in the publish proxy, and VNC is never without it';

export const OPTIONS: readonly OptionRow[] = [
  // Screen.
  { flag: 'geometry', kind: { type: 'geometry' }, use: 'ours', meaning: 'size of the screen, WIDTHxHEIGHT' },
  {
    yaml: 'desktop.resolution.width',
    kind: integer(64, 16_384),
    use: 'ours',
    meaning: 'width of the screen in pixels',
  },
  {
    yaml: 'desktop.resolution.height',
    kind: integer(64, 16_384),
    use: 'ours',
    meaning: 'height of the screen in pixels',
  },
  {
    flag: 'depth',
    yaml: 'desktop.pixel_depth',
    kind: choice('16', '24', '32'),
    use: 'ours',
    meaning: 'colour depth; 32 is depth 24 in 32 bits a pixel, as 24 is',
  },
  {
    flag: 'desktop',
    yaml: 'legacy.desktop_name',
    kind: text,
    use: 'ours',
    meaning: 'name of the desktop that viewers show',
  },
  {
    flag: 'AcceptSetDesktopSize',
    yaml: 'desktop.allow_resize',
    kind: boolean,
    use: 'ours',
    meaning: 'viewers may resize the screen',
  },
  { flag: 'hw3d', yaml: 'desktop.gpu.hw3d', kind: boolean, use: 'none', meaning: 'a sandbox has no GPU' },
  { flag: 'drinode', yaml: 'desktop.gpu.drinode', kind: text, use: 'none', meaning: 'a sandbox has no GPU' },

  // Network.
  {
    flag: 'websocketPort',
    yaml: 'network.websocket_port',
    kind: port,
    use: 'ours',
    meaning: 'TCP port of page, WebSocket and API',
  },
  { flag: 'interface', yaml: 'network.interface', kind: text, use: 'ours', meaning: 'address to listen on' },
  { flag: 'localhost', kind: boolean, use: 'ours', meaning: 'listen on loopback only' },
  { flag: 'UseIPv4', yaml: 'network.use_ipv4', kind: boolean, use: 'ours', meaning: 'listen on IPv4' },
  { flag: 'UseIPv6', yaml: 'network.use_ipv6', kind: boolean, use: 'ours', meaning: 'listen on IPv6' },
  {
    yaml: 'network.protocol',
    kind: choice('http', 'vnc'),
    use: 'ours',
    meaning: 'vnc opens a port for VNC programs (vnc.md) beside that for browsers, which always stays',
  },
  { flag: 'noWebsocket', kind: boolean, use: 'ours', meaning: 'the same as network.protocol: vnc' },
  {
    flag: 'rfbport',
    yaml: 'network.vnc.port',
    kind: integer(-1, 65_535, { auto: '0' }),
    use: 'ours',
    meaning: 'TCP port for VNC programs, where it is on; 0 is 5900 + display, -1 is none',
  },
  {
    yaml: 'network.vnc.interface',
    kind: text,
    use: 'ours',
    meaning: 'address that the port for VNC programs listens on; without it loopback only',
  },
  { flag: 'PublicIP', yaml: 'network.udp.public_ip', kind: text, use: 'none', meaning: noUdp },
  { flag: 'udpPort', yaml: 'network.udp.port', kind: port, use: 'none', meaning: noUdp },
  {
    flag: 'udpSize',
    yaml: 'network.udp.payload_size',
    kind: integer(500, 1400, { auto: '1296' }),
    use: 'none',
    meaning: noUdp,
  },
  { flag: 'StunServer', yaml: 'network.udp.stun_server', kind: text, use: 'none', meaning: noUdp },
  {
    flag: 'udpFullFrameFrequency',
    yaml: 'encoding.full_frame_updates',
    kind: integer(0, 1_000_000, { none: '0' }),
    use: 'none',
    meaning: noUdp,
  },
  {
    flag: 'cert',
    yaml: 'network.ssl.pem_certificate',
    kind: text,
    use: 'ours',
    meaning: 'certificate (PEM) of the port for VNC programs; without it one is made',
  },
  {
    flag: 'key',
    yaml: 'network.ssl.pem_key',
    kind: text,
    use: 'ours',
    meaning: 'private key (PEM) of that certificate; without it, it is in the same file',
  },
  { flag: 'sslOnly', yaml: 'network.ssl.require_ssl', kind: boolean, use: 'none', meaning: tlsElsewhere },
  { yaml: 'network.unix_relay.name', kind: text, use: 'none', meaning: 'there are no byte relays' },
  { yaml: 'network.unix_relay.path', kind: text, use: 'none', meaning: 'there are no byte relays' },
  { flag: 'UnixRelay', kind: list, use: 'none', meaning: 'there are no byte relays' },
  { flag: 'rfbunixpath', kind: text, use: 'none', meaning: 'the X server has a private RFB socket' },
  { flag: 'rfbunixmode', kind: text, use: 'none', meaning: 'the X server has a private RFB socket' },
  { flag: 'inetd', kind: boolean, use: 'none', meaning: 'the server always listens by itself' },

  // Who may come in.
  {
    flag: 'SecurityTypes',
    kind: choice('None', 'none'),
    use: 'ours',
    meaning: 'None: viewers are authenticated by HTTP or VeNCrypt before RFB begins',
  },
  {
    flag: 'KasmPasswordFile',
    yaml: 'server.advanced.kasm_password_file',
    kind: text,
    use: 'ours',
    meaning: 'file of users, password hashes and rights',
  },
  {
    flag: 'DisableBasicAuth',
    kind: boolean,
    use: 'ours',
    meaning: 'no password for page and WebSocket; the API then answers 401',
  },
  {
    flag: 'BlacklistThreshold',
    kind: integer(0, 1_000_000),
    use: 'ours',
    meaning: 'failed logins of an address before it is refused; 0 is off',
  },
  {
    flag: 'BlacklistTimeout',
    kind: seconds,
    use: 'ours',
    meaning: 'seconds for which a refused address stays refused; 0 is off',
  },
  { flag: 'AlwaysShared', kind: boolean, use: 'ours', meaning: 'several viewers at once, whatever they ask for' },
  { flag: 'NeverShared', kind: boolean, use: 'ours', meaning: 'one viewer at a time' },
  {
    flag: 'DisconnectClients',
    yaml: 'user_session.new_session_disconnects_existing_exclusive_session',
    kind: boolean,
    use: 'ours',
    meaning: 'a viewer that wants the desktop alone replaces the others, instead of being refused',
  },
  {
    yaml: 'user_session.session_type',
    kind: choice('shared', 'exclusive'),
    use: 'ours',
    meaning: 'shared is -AlwaysShared, exclusive -NeverShared',
  },
  {
    flag: 'QueryConnect',
    yaml: 'user_session.concurrent_connections_prompt',
    kind: boolean,
    use: 'none',
    meaning: 'nobody is asked at the desktop; the password decides',
  },
  {
    flag: 'QueryConnectTimeout',
    yaml: 'user_session.concurrent_connections_prompt_timeout',
    kind: seconds,
    use: 'none',
    meaning: 'nobody is asked at the desktop; the password decides',
  },
  {
    flag: 'IdleTimeout',
    yaml: 'user_session.idle_timeout',
    kind: seconds,
    use: 'ours',
    meaning: 'seconds without keyboard or pointer after which a viewer is disconnected; 0 is never',
  },
  {
    flag: 'InputQuietTimeout',
    yaml: 'user_session.input_quiet_timeout',
    kind: seconds,
    use: 'ours',
    meaning:
      'seconds without keyboard or pointer after which a person who has taken over has handed back (lease.md); 120 by default, 0 is never',
  },
  {
    flag: 'auth',
    yaml: 'server.advanced.x_authority_file',
    kind: text,
    use: 'none',
    meaning: 'the cookie is made fresh at every start',
  },
  { flag: 'rfbauth', kind: text, use: 'none', meaning: 'there is no password of RFB' },
  { flag: 'PasswordFile', kind: text, use: 'none', meaning: 'there is no password of RFB' },
  { flag: 'Protocol3.3', kind: boolean, use: 'none', meaning: 'old clients are recognised by what they say' },
  { flag: 'ClientWaitTimeMillis', kind: integer(0, 3_600_000), use: 'none', meaning: 'no viewer can hold up another' },

  // Keyboard and pointer.
  {
    flag: 'AcceptKeyEvents',
    yaml: 'data_loss_prevention.keyboard.enabled',
    kind: boolean,
    use: 'ours',
    meaning: 'keys of viewers reach the desktop',
  },
  {
    flag: 'AcceptPointerEvents',
    yaml: 'pointer.enabled',
    kind: boolean,
    use: 'ours',
    meaning: 'pointer events of viewers reach the desktop',
  },
  { flag: 'RemapKeys', yaml: 'keyboard.remap_keys', kind: list, use: 'x', meaning: 'keysyms to exchange, 0xAA->0xBB' },
  {
    flag: 'AvoidShiftNumLock',
    yaml: 'keyboard.ignore_numlock',
    kind: boolean,
    use: 'x',
    meaning: 'no made-up Shift for keys that NumLock changes',
  },
  {
    flag: 'RawKeyboard',
    yaml: 'keyboard.raw_keyboard',
    kind: boolean,
    use: 'x',
    meaning: 'scancodes go to the desktop without mapping',
  },
  {
    flag: 'FreeKeyMappings',
    kind: boolean,
    use: 'ours',
    meaning: 'keysyms that the keyboard lacks are added; always so',
  },
  {
    flag: 'ForceGameMode',
    yaml: 'pointer.game_mode',
    kind: boolean,
    use: 'none',
    meaning: 'there is no relative pointer yet',
  },
  {
    flag: 'DLP_KeyRateLimit',
    yaml: 'data_loss_prevention.keyboard.rate_limit',
    kind: integer(0, 1_000_000, { unlimited: '0' }),
    use: 'none',
    meaning: 'keys are not counted',
  },

  // Clipboard.
  {
    flag: 'SendCutText',
    yaml: 'data_loss_prevention.clipboard.server_to_client.enabled',
    kind: boolean,
    use: 'ours',
    meaning: 'text copied in the desktop reaches viewers',
  },
  {
    flag: 'AcceptCutText',
    yaml: 'data_loss_prevention.clipboard.client_to_server.enabled',
    kind: boolean,
    use: 'ours',
    meaning: 'text copied by viewers reaches the desktop',
  },
  {
    flag: 'DLP_ClipSendMax',
    yaml: 'data_loss_prevention.clipboard.server_to_client.size',
    kind: bytes,
    use: 'ours',
    meaning: 'most bytes of text that go to viewers at once; 0 is the built-in limit',
  },
  {
    flag: 'DLP_ClipAcceptMax',
    yaml: 'data_loss_prevention.clipboard.client_to_server.size',
    kind: bytes,
    use: 'ours',
    meaning: 'most bytes of text that viewers may send at once; 0 is the built-in limit',
  },
  {
    flag: 'SendPrimary',
    yaml: 'data_loss_prevention.clipboard.server_to_client.primary_clipboard_enabled',
    kind: boolean,
    use: 'x',
    meaning: 'text that is only selected counts as copied',
  },
  { flag: 'SetPrimary', kind: boolean, use: 'x', meaning: 'text of viewers can be pasted by the middle button too' },
  { flag: 'noclipboard', kind: boolean, use: 'none', meaning: 'see -SendCutText and -AcceptCutText' },
  { flag: 'MaxCutText', kind: bytes, use: 'none', meaning: 'see -DLP_ClipAcceptMax' },
  {
    flag: 'DLP_ClipDelay',
    yaml: 'data_loss_prevention.clipboard.delay_between_operations',
    kind: integer(0, 3_600_000, { none: '0' }),
    use: 'none',
    meaning: 'clipboard operations are not delayed',
  },
  {
    flag: 'DLP_ClipTypes',
    yaml: 'data_loss_prevention.clipboard.allow_mimetypes',
    kind: list,
    use: 'none',
    meaning: 'the clipboard carries text only',
  },

  // Data loss prevention.
  { flag: 'DLP_Region', kind: text, use: 'none', meaning: 'the whole screen is shown' },
  { yaml: 'data_loss_prevention.visible_region.top', kind: text, use: 'none', meaning: 'the whole screen is shown' },
  { yaml: 'data_loss_prevention.visible_region.left', kind: text, use: 'none', meaning: 'the whole screen is shown' },
  { yaml: 'data_loss_prevention.visible_region.right', kind: text, use: 'none', meaning: 'the whole screen is shown' },
  { yaml: 'data_loss_prevention.visible_region.bottom', kind: text, use: 'none', meaning: 'the whole screen is shown' },
  {
    flag: 'DLP_RegionAllowClick',
    yaml: 'data_loss_prevention.visible_region.concealed_region.allow_click_down',
    kind: boolean,
    use: 'none',
    meaning: 'the whole screen is shown',
  },
  {
    flag: 'DLP_RegionAllowRelease',
    yaml: 'data_loss_prevention.visible_region.concealed_region.allow_click_release',
    kind: boolean,
    use: 'none',
    meaning: 'the whole screen is shown',
  },
  {
    flag: 'DLP_WatermarkImage',
    yaml: 'data_loss_prevention.watermark.image',
    kind: text,
    use: 'none',
    meaning: noWatermark,
  },
  {
    flag: 'DLP_WatermarkLocation',
    yaml: 'data_loss_prevention.watermark.location',
    kind: text,
    use: 'none',
    meaning: noWatermark,
  },
  {
    flag: 'DLP_WatermarkTint',
    yaml: 'data_loss_prevention.watermark.tint',
    kind: text,
    use: 'none',
    meaning: noWatermark,
  },
  {
    flag: 'DLP_WatermarkRepeatSpace',
    yaml: 'data_loss_prevention.watermark.repeat_spacing',
    kind: text,
    use: 'none',
    meaning: noWatermark,
  },
  {
    flag: 'DLP_WatermarkText',
    yaml: 'data_loss_prevention.watermark.text.template',
    kind: text,
    use: 'none',
    meaning: noWatermark,
  },
  {
    flag: 'DLP_WatermarkFont',
    yaml: 'data_loss_prevention.watermark.text.font',
    kind: text,
    use: 'none',
    meaning: noWatermark,
  },
  {
    flag: 'DLP_WatermarkFontSize',
    yaml: 'data_loss_prevention.watermark.text.font_size',
    kind: integer(8, 256),
    use: 'none',
    meaning: noWatermark,
  },
  { yaml: 'data_loss_prevention.watermark.text.timezone_name', kind: text, use: 'none', meaning: noWatermark },
  { flag: 'DLP_WatermarkTimeOffset', kind: text, use: 'none', meaning: noWatermark },
  { flag: 'DLP_WatermarkTimeOffsetMinutes', kind: text, use: 'none', meaning: noWatermark },
  {
    flag: 'DLP_WatermarkTextAngle',
    yaml: 'data_loss_prevention.watermark.text.angle',
    kind: integer(-359, 359),
    use: 'none',
    meaning: noWatermark,
  },
  {
    flag: 'DLP_Log',
    yaml: 'data_loss_prevention.logging.level',
    kind: choice('off', 'info', 'verbose'),
    use: 'none',
    meaning: 'keys and clipboard contents are never logged',
  },

  // Encoding.
  {
    flag: 'FrameRate',
    yaml: 'encoding.max_frame_rate',
    kind: integer(1, 240),
    use: 'ours',
    meaning: 'most frames a second',
  },
  {
    flag: 'RectThreads',
    yaml: 'encoding.rect_encoding_mode.rectangle_compress_threads',
    kind: integer(0, 64, { auto: '0' }),
    use: 'ours',
    meaning: 'number of encode workers; 0 is one less than there are cores',
  },
  {
    flag: 'DynamicQualityMin',
    yaml: 'encoding.rect_encoding_mode.min_quality',
    kind: quality,
    use: 'ours',
    meaning: 'lowest quality of pictures, 0 to 9',
  },
  {
    flag: 'DynamicQualityMax',
    yaml: 'encoding.rect_encoding_mode.max_quality',
    kind: quality,
    use: 'ours',
    meaning: 'highest quality of pictures, 0 to 9',
  },
  {
    flag: 'TreatLossless',
    yaml: 'encoding.rect_encoding_mode.consider_lossless_quality',
    kind: integer(0, 10),
    use: 'none',
    meaning: 'what was sent with loss is always sent again exactly once it rests',
  },
  {
    flag: 'JpegVideoQuality',
    yaml: 'encoding.video_encoding_mode.jpeg_quality',
    kind: integer(-1, 9),
    use: 'none',
    meaning: noVideoMode,
  },
  {
    flag: 'WebpVideoQuality',
    yaml: 'encoding.video_encoding_mode.webp_quality',
    kind: integer(-1, 9),
    use: 'none',
    meaning: noVideoMode,
  },
  { flag: 'MaxVideoResolution', kind: text, use: 'none', meaning: noVideoMode },
  {
    yaml: 'encoding.video_encoding_mode.max_resolution.width',
    kind: integer(1, 65_535),
    use: 'none',
    meaning: noVideoMode,
  },
  {
    yaml: 'encoding.video_encoding_mode.max_resolution.height',
    kind: integer(1, 65_535),
    use: 'none',
    meaning: noVideoMode,
  },
  {
    flag: 'VideoTime',
    yaml: 'encoding.video_encoding_mode.enter_video_encoding_mode.time_threshold',
    kind: integer(0, 3600),
    use: 'none',
    meaning: noVideoMode,
  },
  {
    flag: 'VideoArea',
    yaml: 'encoding.video_encoding_mode.enter_video_encoding_mode.area_threshold',
    kind: text,
    use: 'none',
    meaning: noVideoMode,
  },
  {
    flag: 'VideoOutTime',
    yaml: 'encoding.video_encoding_mode.exit_video_encoding_mode.time_threshold',
    kind: integer(0, 3600),
    use: 'none',
    meaning: noVideoMode,
  },
  {
    flag: 'PrintVideoArea',
    yaml: 'encoding.video_encoding_mode.logging.level',
    kind: text,
    use: 'none',
    meaning: noVideoMode,
  },
  {
    flag: 'VideoScaling',
    yaml: 'encoding.video_encoding_mode.scaling_algorithm',
    kind: text,
    use: 'none',
    meaning: noVideoMode,
  },
  {
    flag: 'webpEncodingTime',
    yaml: 'encoding.video_encoding_mode.webp_encoding_time',
    kind: integer(0, 100),
    use: 'none',
    meaning: 'pictures are JPEG',
  },
  {
    flag: 'videoCodec',
    yaml: 'encoding.video_streaming_mode.codec',
    kind: text,
    use: 'none',
    meaning: 'video codecs are not served yet',
  },
  {
    flag: 'VideoQualityCRFCQP',
    yaml: 'encoding.video_streaming_mode.quality',
    kind: integer(0, 63),
    use: 'none',
    meaning: 'video codecs are not served yet',
  },
  {
    flag: 'GroupOfPicture',
    yaml: 'encoding.video_streaming_mode.gop',
    kind: integer(0, 10_000),
    use: 'none',
    meaning: 'video codecs are not served yet',
  },
  {
    flag: 'CompareFB',
    yaml: 'encoding.compare_framebuffer',
    kind: text,
    use: 'none',
    meaning: 'damage is always compared, in native code',
  },
  {
    flag: 'ZlibLevel',
    yaml: 'encoding.zrle_zlib_level',
    kind: integer(-1, 9, { auto: '-1' }),
    use: 'none',
    meaning: 'viewers ask for their level themselves',
  },
  {
    flag: 'ImprovedHextile',
    yaml: 'encoding.hextile_improved_compression',
    kind: boolean,
    use: 'none',
    meaning: 'Hextile is not served',
  },
  {
    flag: 'DetectScrolling',
    yaml: 'encoding.scrolling.detect_vertical_scrolling',
    kind: boolean,
    use: 'none',
    meaning: 'moved areas are not looked for yet',
  },
  {
    flag: 'DetectHorizontal',
    yaml: 'encoding.scrolling.detect_horizontal_scrolling',
    kind: boolean,
    use: 'none',
    meaning: 'moved areas are not looked for yet',
  },
  {
    flag: 'ScrollDetectLimit',
    yaml: 'encoding.scrolling.scroll_detect_threshold',
    kind: text,
    use: 'none',
    meaning: 'moved areas are not looked for yet',
  },
  { flag: 'PreferBandwidth', kind: boolean, use: 'none', meaning: 'quality follows what the network takes' },
  { flag: 'EnableLatencyMeasurement', kind: boolean, use: 'none', meaning: 'delay is always measured, by fences' },
  {
    flag: 'IgnoreClientSettingsKasm',
    yaml: 'runtime_configuration.allow_client_to_override_kasm_server_settings',
    kind: boolean,
    use: 'none',
    meaning: 'a viewer can only change its own picture',
  },
  {
    yaml: 'runtime_configuration.allow_override_standard_vnc_server_settings',
    kind: boolean,
    use: 'none',
    meaning: 'options change by this file and a reconnect',
  },
  {
    flag: 'AllowOverride',
    yaml: 'runtime_configuration.allow_override_list',
    kind: list,
    use: 'none',
    meaning: 'options change by this file and a reconnect',
  },
  { flag: 'SelfBench', kind: boolean, use: 'none', meaning: 'see bench/' },
  { flag: 'Benchmark', kind: text, use: 'none', meaning: 'see bench/' },
  { flag: 'BenchmarkResults', kind: text, use: 'none', meaning: 'see bench/' },

  // Server.
  {
    flag: 'httpd',
    yaml: 'server.http.httpd_directory',
    kind: text,
    use: 'none',
    meaning: 'the web client is part of the executable',
  },
  {
    flag: 'http-header',
    yaml: 'server.http.headers',
    kind: list,
    use: 'ours',
    meaning: 'further headers of every answer, NAME=VALUE',
  },
  {
    flag: 'MaxDisconnectionTime',
    yaml: 'server.auto_shutdown.no_user_session_timeout',
    kind: seconds,
    use: 'none',
    meaning: 'the unit decides how long the desktop lives',
  },
  {
    flag: 'MaxConnectionTime',
    yaml: 'server.auto_shutdown.active_user_session_timeout',
    kind: seconds,
    use: 'none',
    meaning: 'the unit decides how long the desktop lives',
  },
  {
    flag: 'MaxIdleTime',
    yaml: 'server.auto_shutdown.inactive_user_session_timeout',
    kind: seconds,
    use: 'none',
    meaning: 'the unit decides how long the desktop lives',
  },
  {
    yaml: 'server.allow_environment_variables_to_override_config_settings',
    kind: boolean,
    use: 'none',
    meaning: 'DISPLAY_WIDTH, DISPLAY_HEIGHT, DISPLAY_DEPTH, KASM_FRAMERATE and KASM_THREADS always do',
  },
  { yaml: 'command_line.prompt', kind: boolean, use: 'none', meaning: 'nothing is asked at start' },
  { flag: 'Log', kind: text, use: 'none', meaning: 'see journalctl -u kasmvnc' },
  { yaml: 'logging.log_writer_name', kind: text, use: 'none', meaning: 'see journalctl -u kasmvnc' },
  { yaml: 'logging.log_dest', kind: choice('logfile', 'syslog'), use: 'none', meaning: 'see journalctl -u kasmvnc' },
  { yaml: 'logging.level', kind: integer(0, 100), use: 'none', meaning: 'see journalctl -u kasmvnc' },
  {
    flag: 'fp',
    yaml: 'server.advanced.x_font_path',
    kind: text,
    use: 'x',
    meaning: 'font path of the X server; auto is its own',
  },
  { flag: 'dpi', kind: integer(10, 1000), use: 'x', meaning: 'resolution that the X server tells programs' },
  { flag: 'pixelformat', kind: text, use: 'none', meaning: 'the pixel format follows from the depth' },
];

/** Flags of the X server itself that are handed on as they are, with the number of words that follow them. */
export const X_FLAGS: Readonly<Record<string, number>> = {
  '-ac': 0,
  '-br': 0,
  '-wr': 0,
  '-noreset': 0,
  '-nocursor': 0,
  '-core': 0,
  '-dpms': 0,
  '-s': 1,
  '-p': 1,
  '-a': 1,
  '-t': 1,
  '-c': 0,
  '-ardelay': 1,
  '-arinterval': 1,
  '-maxclients': 1,
  '-maxbigreqsize': 1,
  '-nolisten': 1,
  '-render': 1,
  '-r': 0,
  r: 0,
  '-tst': 0,
  '-retro': 0,
  '+extension': 1,
  '-extension': 1,
  '+iglx': 0,
  '-iglx': 0,
  '+render': 0,
  '-verbose': 0,
  '-quiet': 0,
  '-audit': 1,
  '-schedInterval': 1,
};
