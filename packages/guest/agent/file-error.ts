import { CodedError } from '@bhatti/base/errors.ts';

/** What the system said about a path, as one of our errors; ours pass. */
export function fileError(path: string, error: unknown): CodedError {
  if (error instanceof CodedError) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const options = { cause: error };
  switch (code) {
    case 'ENOENT':
      return new CodedError('FILE_NOT_FOUND', `cannot find "${path}"`, { path }, options);
    case 'ENOTDIR':
    case 'EISDIR':
    case 'ELOOP':
    case 'ENAMETOOLONG':
    case 'ENOTEMPTY':
    case 'EINVAL':
    case 'ERR_FS_EISDIR':
      return new CodedError(
        'INVALID_ARGUMENT',
        `cannot use "${path}": ${reason(error)}`,
        { argument: 'path', value: path },
        options,
      );
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new CodedError('HOST_FULL', `cannot write "${path}": the disk is full`, { what: 'disk' }, options);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'EBUSY':
      return new CodedError('FORBIDDEN', `cannot use "${path}": ${reason(error)}`, { reason: code }, options);
    default:
      return new CodedError('INTERNAL', `cannot use "${path}": ${reason(error)}`, {}, options);
  }
}

/** `ENOTDIR: not a directory, open '/x'` → `not a directory`. */
function reason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return /^[A-Z_]+: ([^,]+)/.exec(message)?.[1] ?? message;
}
