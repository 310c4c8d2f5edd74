import { readFileSync, readlinkSync } from 'node:fs';

/** Sum of the proportional memory of some processes, in MB; the pages of the executable of ours that they share are counted once, whoever else on the machine has them mapped. */
export function sharedOnceMb(pids: readonly number[]): number {
  let privateKb = 0;
  let executableKb = 0;
  for (const pid of pids) {
    const executable = readlinkSync(`/proc/${pid}/exe`);
    const isOurs = /\/(bhatti|Xkasmvnc)$/.test(executable);
    let isExecutable = false;
    let rssOfExecutable = 0;
    for (const line of readFileSync(`/proc/${pid}/smaps`, 'utf8').split('\n')) {
      if (/^[0-9a-f]+-[0-9a-f]+ /.test(line)) isExecutable = isOurs && line.endsWith(executable);
      const [, name, kb] = /^(Pss|Rss|Anonymous): +(\d+)/.exec(line) ?? [];
      if (isExecutable && name === 'Anonymous') privateKb += Number(kb);
      else if (isExecutable && name === 'Rss') rssOfExecutable += Number(kb);
      else if (isExecutable && name === 'Pss') continue;
      else if (name === 'Pss') privateKb += Number(kb);
    }
    executableKb = Math.max(executableKb, rssOfExecutable);
  }
  return (privateKb + executableKb) / 1024;
}
