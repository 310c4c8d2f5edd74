/** A display server under test with its own web client, as the bench sees it. */
export interface DisplayServer extends AsyncDisposable {
  readonly name: ServerName;
  readonly width: number;
  readonly height: number;
  /** Number of its X display, and the cookie that opens it. */
  readonly display: number;
  readonly cookie: Uint8Array;
  /** Environment of programs on its desktop. */
  readonly env: Readonly<Record<string, string>>;
  readonly credentials?: { readonly username: string; readonly password: string };
  urlFor(host: string): string;
  /** First processes of all that it consists of, the X server included. */
  processes(): readonly number[];
}

export const serverNames = ['ours', 'tigervnc', 'x11vnc'] as const;
export type ServerName = (typeof serverNames)[number];
