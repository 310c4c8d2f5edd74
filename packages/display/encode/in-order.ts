/** Lets promises settle in the order in which they were put in line, whichever finishes first. */
export interface Line {
  join<T>(work: Promise<T>): Promise<T>;
}

export function openLine(): Line {
  let last: Promise<unknown> = Promise.resolve();
  return {
    join(work) {
      // It may fail long before its turn, and is reported then.
      work.catch(() => {});
      const turn = last.then(() => work);
      last = turn.catch(() => {});
      return turn;
    },
  };
}
