import type { TaskOperator } from './operator.ts';

/** Something that a person would ask of an operator, and what must come of it. */
export interface Task {
  readonly name: string;
  run(operator: TaskOperator): Promise<string>;
  readonly wanted: string;
}
