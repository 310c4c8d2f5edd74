import type { Point } from '@bhatti/wire/display/action.ts';
import type { TrajectoryStep } from '@bhatti/wire/display/trajectory.ts';

const namespace = 'http://www.w3.org/2000/svg';
const radius = 12;

/** Draws where a step pointed, over its picture. */
export function drawMarks(svg: SVGSVGElement, picture: HTMLImageElement, { batch, reply }: TrajectoryStep): void {
  const { width, height } = batch.space ?? reply.screen;
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
  svg.style.width = `${picture.clientWidth}px`;
  svg.style.height = `${picture.clientHeight}px`;
  svg.style.left = `${picture.offsetLeft}px`;
  svg.style.top = `${picture.offsetTop}px`;
  svg.replaceChildren();
  for (const action of batch.actions) {
    if ('at' in action && action.at !== undefined) svg.append(circle(action.at));
    if ('path' in action) {
      const line = document.createElementNS(namespace, 'polyline');
      line.setAttribute('points', action.path.map(([x, y]) => `${x},${y}`).join(' '));
      svg.append(line);
      const end = action.path.at(-1);
      if (end !== undefined) svg.append(circle(end));
    }
  }
}

function circle([x, y]: Point): SVGCircleElement {
  const mark = document.createElementNS(namespace, 'circle');
  mark.setAttribute('cx', String(x));
  mark.setAttribute('cy', String(y));
  mark.setAttribute('r', String(radius));
  return mark;
}
