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
  client: {
    // `sys` and built-ins only below sdk/node and sdk/bun, which are loaded where there is such a host; all else of it runs anywhere.
    imports: ['base', 'wire', 'sys'],
    npm: {},
    builtins: ['node:'],
  },
  cli: {
    imports: ['base', 'wire', 'client', 'sys'],
    npm: {
      commander:
        'command lines: MIT, no dependency, the most used one of the field; 1.3 ms at start (cac: 0 ms, but no typed help for sub-commands)',
      yaml,
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
