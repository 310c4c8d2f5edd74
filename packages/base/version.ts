/** The version of everything in this repository: one executable, one number. */
export const VERSION = '0.1.0';
