import { expect, test } from 'bun:test';
import { ProgressReader } from './progress.ts';

const log = `I: automatically chosen mode: root
I: running apt-get update...
I: downloading packages with apt...
0 upgraded, 2 newly installed, 0 to remove and 0 not upgraded.
Get:1 http://deb.debian.org/debian bookworm/main amd64 gcc-12-base amd64 12.2.0-14 [37.5 kB]
Get:2 http://deb.debian.org/debian bookworm/main amd64 libc6 amd64 2.36-9 [2758 kB]
Unpacking gcc-12-base:amd64 (12.2.0-14+deb12u1) ...
Setting up gcc-12-base:amd64 (12.2.0-14+deb12u1) ...
Unpacking libc6:amd64 (2.36-9+deb12u10) ...
Setting up libc6:amd64 (2.36-9+deb12u10) ...
I: installing remaining packages inside the chroot...
0 upgraded, 1 newly installed, 0 to remove and 0 not upgraded.
Get:1 http://deb.debian.org/debian bookworm/main amd64 chromium amd64 140.0 [80 MB]
Unpacking chromium (140.0-1~deb12u1) ...
Setting up chromium (140.0-1~deb12u1) ...
bhatti: customize
I: cleaning package lists and apt cache...
I: success in 14.9 seconds`;

test('progress only grows, names what is done, and knows the parts of the build', () => {
  const reader = new ProgressReader();
  const seen = log.split('\n').flatMap((line) => reader.read(line) ?? []);
  const fractions = seen.map(({ fraction }) => fraction);
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
  expect(fractions.every((fraction) => fraction >= 0 && fraction <= 1)).toBe(true);
  const at = (step: string) => seen.findLast((progress) => progress.step === step)?.fraction;
  expect(at('downloading libc6')).toBeCloseTo(0.04 + (0.16 * 2) / 6);
  expect(at('setting up libc6')).toBeCloseTo(0.2);
  expect(at('setting up chromium')).toBeCloseTo(0.88);
  expect(at('customizing')).toBeGreaterThanOrEqual(0.88);
  expect(at('cleaning up')).toBeGreaterThanOrEqual(0.97);
});
