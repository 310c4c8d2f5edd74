// The page that shows what an operator did: steps, what the screen showed after each, and where it pointed.
import type { Trajectory, TrajectoryStep } from '@bhatti/wire/display/trajectory.ts';
import { element } from '../page.ts';
import { describeStep } from './describe-step.ts';
import { drawMarks } from './marks.ts';

const playMs = 900;
const names = element('names', HTMLSelectElement);
const summary = element('summary', HTMLParagraphElement);
const list = element('steps', HTMLOListElement);
const picture = element('picture', HTMLImageElement);
const caption = element('caption', HTMLElement);
const detail = element('detail', HTMLPreElement);
const play = element('play', HTMLButtonElement);
const marks = document.querySelector('svg');

let steps: readonly TrajectoryStep[] = [];
let current = 0;
let playing: ReturnType<typeof setInterval> | undefined;

names.addEventListener('change', () => void open(names.value));
element('before', HTMLButtonElement).addEventListener('click', () => show(current - 1));
element('after', HTMLButtonElement).addEventListener('click', () => show(current + 1));
play.addEventListener('click', () => setPlaying(playing === undefined));
picture.addEventListener('load', () => redraw());
addEventListener('resize', () => redraw());
addEventListener('keydown', (event) => {
  if (event.target instanceof HTMLSelectElement) return;
  if (event.key === 'ArrowLeft') show(current - 1);
  else if (event.key === 'ArrowRight') show(current + 1);
  else if (event.key === ' ' && !(event.target instanceof HTMLButtonElement)) setPlaying(playing === undefined);
  else return;
  event.preventDefault();
});
void start();

async function start(): Promise<void> {
  try {
    // SAFETY: this server's own document, of the same version as the page.
    const all = (await (await ask('')).json()) as Trajectory[];
    for (const { name, steps: count, recording } of all) {
      names.append(new Option(`${name} — ${count} steps${recording ? ', recording' : ''}`, name));
    }
    const wanted = decodeURIComponent(location.hash.slice(1));
    const first = all.find(({ name }) => name === wanted) ?? all[0];
    names.hidden = first === undefined;
    if (first === undefined) summary.textContent = 'Nothing has been recorded yet.';
    else await open((names.value = first.name));
  } catch (error) {
    fail(error);
  }
}

async function open(name: string): Promise<void> {
  setPlaying(false);
  try {
    const lines = (await (await ask(`/${encodeURIComponent(name)}`)).text()).split('\n').filter((line) => line !== '');
    // SAFETY: as above; a line that is none throws.
    steps = lines.map((line) => JSON.parse(line) as TrajectoryStep);
  } catch (error) {
    return fail(error);
  }
  location.hash = encodeURIComponent(name);
  list.replaceChildren(...steps.map((step, index) => item(step, index)));
  const failed = steps.filter(({ reply }) => !reply.ok).length;
  summary.textContent = `${steps.length} steps${failed === 0 ? '' : `, ${failed} failed`}`;
  show(0);
}

function item(step: TrajectoryStep, index: number): HTMLLIElement {
  const button = document.createElement('button');
  button.type = 'button';
  const { what, outcome } = describeStep(step);
  button.textContent = `${step.step}. ${what}`;
  const small = document.createElement('small');
  small.textContent = outcome;
  if (!step.reply.ok) small.className = 'failed';
  button.append(small);
  button.addEventListener('click', () => show(index));
  const li = document.createElement('li');
  li.append(button);
  return li;
}

function show(index: number): void {
  const step = steps[index];
  if (step === undefined) return setPlaying(false);
  current = index;
  for (const [at, button] of [...list.querySelectorAll('button')].entries()) {
    if (at === index) {
      button.setAttribute('aria-current', 'step');
      button.scrollIntoView({ block: 'nearest' });
    } else button.removeAttribute('aria-current');
  }
  picture.hidden = step.picture === undefined;
  if (step.picture !== undefined) picture.src = `api/trajectories/${encodeURIComponent(names.value)}/${step.picture}`;
  const { what } = describeStep(step);
  picture.alt = `The screen after step ${step.step}: ${what}`;
  caption.textContent = `Step ${step.step} of ${steps.length}, ${new Date(step.at).toLocaleTimeString()}${step.picture === undefined ? ' — no picture was taken' : ''}`;
  detail.textContent = JSON.stringify(step, undefined, 2);
  redraw();
}

function redraw(): void {
  const step = steps[current];
  if (marks !== null && step !== undefined) drawMarks(marks, picture, step);
}

function setPlaying(wanted: boolean): void {
  clearInterval(playing);
  playing = wanted ? setInterval(() => show(current + 1), playMs) : undefined;
  play.textContent = wanted ? 'Pause' : 'Play';
  play.setAttribute('aria-pressed', String(wanted));
}

async function ask(path: string): Promise<Response> {
  const response = await fetch(`api/trajectories${path}`);
  if (!response.ok) throw new Error(`the desktop answers ${response.status}`);
  return response;
}

function fail(error: unknown): void {
  summary.textContent = `Cannot show this: ${error instanceof Error ? error.message : String(error)}`;
  summary.className = 'failed';
}
