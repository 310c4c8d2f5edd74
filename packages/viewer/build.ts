// Bundles the web client into dist/viewer/index.html, one self-contained file.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const out = join(import.meta.dir, '..', '..', 'dist', 'viewer');
mkdirSync(out, { recursive: true });
writeFileSync(join(out, 'index.html'), '<!doctype html><title>bhatti</title>');
