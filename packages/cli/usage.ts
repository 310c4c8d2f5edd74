import { CodedError } from '@bhatti/base/errors.ts';
import type { CommanderError } from 'commander';

/** What commander found wrong with a command line, in our grammar. */
export function usageError(command: string, error: CommanderError): CodedError {
  const [first = '', second] = error.message.replace(/^error: /, '').split('\n');
  const suggestion = /\(Did you mean (.*)\?\)/.exec(second ?? '')?.[1];
  const hint = suggestion === undefined ? `see "bhatti ${command} --help"` : `did you mean "${suggestion}"?`;
  return new CodedError('USAGE', messageOf(error.code, first, command), { command }, { cause: error, hint });
}

function messageOf(code: string, text: string, command: string): string {
  const quoted = /'([^']*)'/.exec(text)?.[1] ?? '';
  switch (code) {
    case 'commander.unknownOption':
      return `unknown option "${quoted}" of ${command}`;
    case 'commander.missingArgument':
      return `missing argument ${quoted.toUpperCase()} of ${command}`;
    case 'commander.missingMandatoryOptionValue':
      return `${command} needs the option "${quoted}"`;
    case 'commander.optionMissingArgument':
      return `option "${quoted}" needs a value`;
    case 'commander.excessArguments':
      return `too many arguments for ${command}`;
    default:
      return text.replaceAll("'", '"');
  }
}
