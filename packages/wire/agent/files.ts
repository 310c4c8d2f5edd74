import * as v from 'valibot';

/**
 * `GET /files?path=P` streams a file (header `X-File-Size`); `GET /files?path=P&ls=true` lists a directory; `HEAD` answers `X-File-Size`, `X-File-Mode` (octal), `X-File-Is-Dir`;
 * `PUT /files?path=P[&mode=0644]` replaces it atomically with the body, any length, owner lohar; `DELETE` removes it. Paths are absolute. Errors: FILE_NOT_FOUND, INVALID_ARGUMENT, FORBIDDEN, HOST_FULL.
 */
export const FileEntrySchema = v.object({
  name: v.string(),
  size: v.number(),
  /** Octal permission bits, four digits. */
  mode: v.string(),
  is_dir: v.boolean(),
  /** Seconds since the epoch. */
  mtime: v.number(),
});
export type FileEntry = v.InferOutput<typeof FileEntrySchema>;
export const FileListReplySchema = v.array(FileEntrySchema);
