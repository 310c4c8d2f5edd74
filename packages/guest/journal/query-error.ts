/** A command line that cannot be obeyed, in systemd's words. */
export class QueryError extends Error {}
