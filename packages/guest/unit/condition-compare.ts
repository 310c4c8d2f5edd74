/** `<`, `<=`, `=`, `!=`, `>=`, `>` before a version or an amount, `$=` and `!$=` before a pattern (systemd.unit(5), ConditionKernelVersion=). */
const operators = ['!$=', '$=', '<=', '<', '>=', '>', '!=', '='] as const;
type Operator = (typeof operators)[number];

/** What is written as `OPERATOR VALUE`; without an operator undefined stands for it. */
export function splitComparison(text: string): { operator: Operator | undefined; value: string } {
  const operator = operators.find((candidate) => text.startsWith(candidate));
  return { operator, value: text.slice(operator?.length ?? 0).trim() };
}

export function compareVersions(actual: string, operator: Operator, wanted: string): boolean {
  if (operator === '$=' || operator === '!$=') return matchesPattern(actual, wanted) === (operator === '$=');
  return holds(orderVersions(actual, wanted), operator);
}

export function compareAmounts(actual: number, operator: Operator | undefined, wanted: number): boolean {
  return holds(actual - wanted, operator ?? '>=');
}

/** As fnmatch(3) does. */
export function matchesPattern(text: string, pattern: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
    .replaceAll('[!', '[^');
  try {
    return new RegExp(`^${source}$`, 's').test(text);
  } catch {
    return text === pattern; // expected: a bracket that is never closed stands for itself
  }
}

function holds(order: number, operator: Operator): boolean {
  switch (operator) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
    case '!=':
    case '!$=':
      return order !== 0;
    case '=':
    case '$=':
      return order === 0;
  }
}

/** Numbers as numbers, `~` before everything, letters in their order; what separates them does not count. */
function orderVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.match(/\d+|[a-zA-Z]+|~/g) ?? []);
  for (let at = 0; at < Math.max(left?.length ?? 0, right?.length ?? 0); at += 1) {
    const order = orderParts(left?.[at], right?.[at]);
    if (order !== 0) return order;
  }
  return 0;
}

function orderParts(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  if (a === '~' || b === '~') return a === '~' ? -1 : 1;
  if (a === undefined || b === undefined) return a === undefined ? -1 : 1;
  const [isNumber, isOtherNumber] = [a, b].map((part) => /^\d/.test(part));
  if (isNumber === true && isOtherNumber === true) return Number(a) - Number(b);
  if (isNumber !== isOtherNumber) return isNumber === true ? 1 : -1;
  return a < b ? -1 : 1;
}
