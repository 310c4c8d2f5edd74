import { runForeground } from '@bhatti/sys/process/run-foreground.ts';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { isatty } from 'node:tty';
import type { EditedFile } from './edit-verbs.ts';
import { ask, print, type Asked } from './main.ts';

const editors = ['editor', 'nano', 'vim', 'vi'];
const bodyEnd = '### Lines below this comment will be discarded';
const bodyBegin = '### Anything between here and the comment below will become the new contents of the file';

/** systemctl(1), edit: a person's editor on a copy of the file, as that person; what it leaves is handed to lohar, which puts it in its place. */
export async function edit(asked: Asked): Promise<number> {
  if (!isatty(0) || !isatty(1)) return fail('Cannot edit units if not on a tty.');
  const found = await ask({ ...asked, verb: 'edit-files' }, 'read');
  if (found.exitCode !== 0) return print(found);
  // SAFETY: the other side is lohar, this same executable as root.
  const files = JSON.parse(found.stdout) as EditedFile[];
  const directory = mkdtempSync(join(tmpdir(), 'systemctl-edit-'));
  try {
    const copies = files.map((file, at) => ({
      file,
      copy: join(directory, `${at}-${basename(file.path)}`),
      text: 'full' in asked.options ? file.text : templateOf(file),
    }));
    for (const { copy, text } of copies) writeFileSync(copy, text, { mode: 0o600 });
    const refusal = runEditor(copies.map(({ copy }) => copy));
    if (refusal !== undefined) return fail(refusal, 0);
    return await saveAll(asked, copies);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

interface Copy {
  readonly file: EditedFile;
  readonly copy: string;
  readonly text: string;
}

async function saveAll(asked: Asked, copies: readonly Copy[]): Promise<number> {
  let exitCode = 0;
  for (const { file, copy } of copies) {
    const text = bodyOf(readFileSync(copy, 'utf8'));
    if (text.trim() === '') {
      fail(`Editing "${file.path}" canceled: temporary file is empty.`);
      continue;
    }
    const saved = await ask(
      { verb: 'edit-save', words: [file.unit], options: { ...asked.options, text: `${text.trimEnd()}\n` } },
      'change',
    );
    exitCode ||= print(saved);
  }
  return exitCode;
}

/** A drop-in is written against the unit as it is: below, as comments. */
function templateOf(file: EditedFile): string {
  const below = file.files.map(({ path, text }) => `\n### ${path}\n${commented(text)}`);
  return `### Editing ${file.path}\n${bodyBegin}\n\n${file.text}\n\n${bodyEnd}\n${below.join('\n')}`;
}

function commented(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `# ${line}`.trimEnd())
    .join('\n');
}

/** What stands between the two marks; a file without them is meant whole. */
function bodyOf(text: string): string {
  const begin = text.indexOf(bodyBegin);
  const rest = begin === -1 ? text : text.slice(begin + bodyBegin.length);
  const end = rest.indexOf(bodyEnd);
  return (end === -1 ? rest : rest.slice(0, end)).replace(/^\n+/, '');
}

/** What is said when it did not go well. */
function runEditor(paths: readonly string[]): string | undefined {
  const chosen = ['SYSTEMD_EDITOR', 'EDITOR', 'VISUAL']
    .map((name) => process.env[name])
    .find((value) => value !== undefined && value !== '');
  for (const editor of chosen === undefined ? editors : [chosen]) {
    const ended = runForeground([...editor.split(/\s+/), ...paths]);
    if (ended === undefined) continue;
    return ended.exitCode === 0 ? undefined : `(editor) failed with exit status ${ended.exitCode}.`;
  }
  return 'Cannot edit unit(s), no editor available. Please set either $SYSTEMD_EDITOR, $EDITOR or $VISUAL.';
}

function fail(message: string, exitCode = 1): number {
  return print({ stdout: '', stderr: `${message}\n`, exitCode });
}
