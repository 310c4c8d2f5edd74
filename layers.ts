// Who may import whom, which package may touch what, and which npm dependency is whose and why. `scripts/check-layers.ts` reads this and fails on any import that
// it does not allow. A line of reason stands beside each dependency: maintained, licence, size, works under Bun, cost at start.

export interface Layer {
  /** Packages of ours that it may import. */
  readonly imports: readonly string[];
  /** npm packages it may import, each with the reason it is here. */
  readonly npm: Readonly<Record<string, string>>;
  /** Built-in modules it may import: prefixes. `node:` is all of Node's, `bun` is Bun's own. */
  readonly builtins: readonly string[];
}

const valibot =
  'schemas: MIT, no dependency, tree-shaken to a few KB, 0 ms at start where unused (zod: 0.2 ms, ten times the size in the web client)';
const yaml =
  'YAML: ISC, no dependency, the reference implementation for JavaScript; 1.5 ms to load, so always imported lazily';

export const LAYERS: Readonly<Record<string, Layer>> = {
  base: { imports: [], npm: {}, builtins: [] },
  wire: { imports: ['base'], npm: { valibot }, builtins: [] },
  rfb: { imports: ['base'], npm: {}, builtins: [] },
  sys: { imports: ['base'], npm: {}, builtins: ['node:', 'bun'] },
  engine: { imports: ['base', 'wire', 'sys'], npm: { yaml }, builtins: ['node:'] },
  daemon: { imports: ['base', 'wire', 'sys', 'engine'], npm: { valibot, yaml }, builtins: ['node:'] },
  drivers: { imports: ['base', 'wire', 'client'], npm: {}, builtins: [] },
  client: {
    // `sys` and built-ins only below sdk/node and sdk/bun, which are loaded where there is such a host; all else of it runs anywhere.
    imports: ['base', 'wire', 'sys'],
    npm: {},
    builtins: ['node:'],
  },
  cli: {
    // `mcp` by a dynamic import, in one command. `serve` is chosen in bin/main.ts instead, since the CLI must not import the daemon; the MCP server is a client of the daemon as the CLI is,
    // and takes from the CLI what it would need twice otherwise: the command line, which daemon is meant, how failures are said.
    imports: ['base', 'wire', 'client', 'sys', 'mcp'],
    npm: {
      commander:
        'command lines: MIT, no dependency, the most used one of the field; 1.3 ms at start (cac: 0 ms, but no typed help for sub-commands)',
      yaml,
    },
    builtins: ['node:'],
  },
  mcp: {
    imports: ['base', 'wire', 'client', 'sys'],
    npm: {
      '@modelcontextprotocol/sdk':
        'the Model Context Protocol: MIT, by those who keep the protocol; brings zod and ajv, 1.4 MB of the executable. Loaded by `bhatti mcp` only: 35 ms from start to the reply to `initialize` where `bhatti --version` takes 9 (bench `mcp`); other commands take what they took without it',
      '@valibot/to-json-schema':
        'JSON schema of the tools from the schemas that check them: MIT, no dependency, by the maintainer of valibot, 14 KB; of our own it would be 100 lines that each new keyword of a schema breaks',
      valibot,
    },
    builtins: ['node:'],
  },
  guest: { imports: ['base', 'wire', 'sys'], npm: {}, builtins: ['node:'] },
  display: {
    imports: ['base', 'wire', 'rfb', 'sys'],
    npm: {
      x11: 'X11 protocol: MIT, no dependency, pure JavaScript, tested under Bun, with DAMAGE, XFIXES, SHM, RANDR and XTEST; loaded by the streaming process only',
      yaml,
    },
    builtins: ['node:'],
  },
  viewer: {
    imports: ['base', 'wire', 'rfb', 'client'],
    npm: {
      '@novnc/novnc':
        'the RFB client of the field: MPL-2.0, kept, decodes Tight and H.264; only its core is used, the page is ours',
    },
    builtins: [],
  },
};

/** Outside the packages: what holds them together. */
export const ROOTS: Readonly<Record<string, 'any'>> = { bin: 'any', bench: 'any', tests: 'any', scripts: 'any' };
