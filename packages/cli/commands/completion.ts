import type { Command } from 'commander';

import { invalid } from '../arguments.ts';
import { printLine } from '../output.ts';

export function define(command: Command): void {
  command
    .argument('<shell>', 'bash, zsh or fish')
    .addHelpText('after', '\n  bhatti completion bash > /etc/bash_completion.d/bhatti')
    .action(async (shell: string) => {
      const script = scripts[shell];
      if (script === undefined) throw invalid('SHELL', shell, 'it must be bash, zsh or fish');
      await printLine(script);
    });
}

// The three ask the program itself what may come next (`complete.ts`), so that they never know an old set of options.
const scripts: Readonly<Record<string, string>> = {
  bash: `_bhatti() {
  local IFS=$'\\n'
  COMPREPLY=($(bhatti __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _bhatti bhatti`,
  zsh: `#compdef bhatti
_bhatti() {
  local -a candidates
  candidates=("\${(@f)$(bhatti __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${candidates[1]}" ]]; then compadd -- "\${candidates[@]}"; else _files; fi
}
if [[ "$funcstack[1]" == _bhatti ]]; then _bhatti; else compdef _bhatti bhatti; fi`,
  fish: `function __bhatti_complete
  set -l words (commandline -opc) (commandline -ct)
  bhatti __complete $words[2..] 2>/dev/null
end
complete -c bhatti -f -a '(__bhatti_complete)'`,
};
