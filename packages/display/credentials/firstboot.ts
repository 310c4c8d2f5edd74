import { describe } from '@bhatti/base/errors.ts';
import { displayPaths } from '../config/paths.ts';
import { ensureKnownCredentials } from './generate.ts';

/** `kasmvnc-firstboot`: makes the desktop's password, once in a sandbox's life, and again where one of its two files is gone. */
export function main(_args: readonly string[]): number {
  const paths = displayPaths(process.env);
  try {
    const isNew = ensureKnownCredentials(paths);
    console.log(isNew ? `made credentials in ${paths.passwordFile}` : `credentials exist in ${paths.passwordFile}`);
    return 0;
  } catch (error) {
    console.error(`error: cannot make credentials: ${describe(error)}`);
    return 1;
  }
}
