/**
 * What differs between any two runs, put into words; the only place where an answer of either side is changed. Each row: what it is, where it stands, what stands there afterwards.
 */
const replacements: readonly (readonly [what: string, pattern: RegExp, text: string])[] = [
  ['a moment and its age', /\b(since|at) \w{3} \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \w+; [^\n]*? ago/g, '$1 TIME; AGE ago'],
  ['the moment of a property', /^(\w*Timestamp)=\w{3} \d{4}.*$/gm, '$1=TIME'],
  ['a moment of a command', /(start_time|stop_time)=\[\w{3} \d{4}[^\]]*\]/g, '$1=[TIME]'],
  ['a duration', /^( +Duration): .*$/gm, '$1: SPAN'],
  ['time and host of a journal line', /^\w{3} [ \d]\d \d\d:\d\d:\d\d \S+ /gm, 'TIME HOST '],
  ['the service manager in the journal', /^(TIME HOST) (?:systemd\[1\]|lohar\[\d+\]):/gm, '$1 MANAGER:'],
  ['a process in the journal', /^(TIME HOST [^\s[]+)\[\d+\]:/gm, '$1[PID]:'],
  ['a process of a status', /^( *(?:Main PID|Cntrl PID|Process)): \d+/gm, '$1: PID'],
  ['a control process beside the main one', /; Control PID: \d+/g, '; Control PID: PID'],
  ['a process of a control group', /([├└]─) *\d+ /g, '$1PID '],
  ['a process of a property', /^(\w*PID)=[1-9]\d*$/gm, '$1=PID'],
  ['a process of a command', / pid=[1-9]\d* /g, ' pid=PID '],
  ['processes that stay', /Unit process \d+ \(/g, 'Unit process PID ('],
  ['killed processes', /Killing process \d+ \(/g, 'Killing process PID ('],
  ['the number of an invocation', /^(InvocationID)=[0-9a-f]{32}$/gm, '$1=ID'],
  // Accounting depends on the controllers that a machine delegates.
  ['figures of a status', /^ +(?:Tasks|Memory|CPU): .*\n/gm, ''],
  ['figures in the journal', /^(?:TIME HOST \S+ )?\S+: Consumed .*\n/gm, ''],
];

/** Properties that are sets: systemd prints them in the order of its hash tables, which is another one at each boot. */
const sets =
  /^(Names|Requires|Requisite|Wants|BindsTo|PartOf|Upholds|Conflicts|Before|After|OnFailure|OnSuccess|\w+By|ConsistsOf|BoundBy|\w*Propagat\w+|TriggeredBy|Triggers|SuccessExitStatus)=(.*)$/gm;

export function normalise(text: string): string {
  return replacements
    .reduce((sum, [, pattern, replacement]) => sum.replace(pattern, replacement), text)
    .replace(sets, (_, name: string, words: string) => `${name}=${words.split(' ').toSorted().join(' ')}`);
}
