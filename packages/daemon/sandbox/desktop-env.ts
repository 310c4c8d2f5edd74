import { CodedError } from '@bhatti/base/errors.ts';

/** The variables of `create --env` that steer the desktop. A wrong one is refused at once: found at boot, it would only be a desktop that never comes. */
const rules: Readonly<Record<string, { readonly check: (value: number) => boolean; readonly asks: string }>> = {
  // Below this no panel fits; above it Xvnc's framebuffer of 32 bits a pixel would pass 250 MB.
  DISPLAY_WIDTH: { check: within(320, 8192), asks: 'a whole number between 320 and 8192' },
  DISPLAY_HEIGHT: { check: within(200, 8192), asks: 'a whole number between 200 and 8192' },
  DISPLAY_DEPTH: { check: (value) => [16, 24, 32].includes(value), asks: '16, 24 or 32' },
  KASM_FRAMERATE: { check: within(1, 240), asks: 'a whole number between 1 and 240' },
  KASM_THREADS: { check: within(1, 256), asks: 'a whole number between 1 and 256' },
};

/** Throws INVALID_ARGUMENT that names the variable. */
export function checkDesktopEnv(env: Readonly<Record<string, string>>): void {
  for (const [name, { check, asks }] of Object.entries(rules)) {
    const value = env[name];
    if (value === undefined || (/^\d{1,6}$/.test(value) && check(Number(value)))) continue;
    throw new CodedError('INVALID_ARGUMENT', `invalid value "${value}" for ${name}: it must be ${asks}`, {
      argument: `env.${name}`,
      value,
    });
  }
}

function within(min: number, max: number): (value: number) => boolean {
  return (value) => value >= min && value <= max;
}
