/** By SQLSTATE (PostgreSQL, appendix A), whole or its class; the first that fits. */
const SENTENCES: readonly (readonly [start: string, sentence: string])[] = [
  ['53100', 'The disk of the database is full.'],
  ['53300', 'The database has no connection free for the gateway.'],
  ['53', 'The database is short of resources.'],
  ['57P', 'The database is shutting down or starting.'],
  ['57014', 'The database is too slow: a statement took too long.'],
  ['25006', 'The database is read-only.'],
  ['28', 'The database refuses the login of the gateway.'],
  ['3D', 'The database of the gateway does not exist.'],
  ['58', 'The database has trouble with its files.'],
  ['XX', 'The database has trouble with its files.'],
  ['EMFILE', 'The gateway has too many files and connections open.'],
  ['ENFILE', 'The machine has too many files and connections open.'],
  ['ENOSPC', 'The disk of the database is full.'],
];

/** What `pg` says when every connection of the pool was in use for too long. */
const POOL_EXHAUSTED = 'timeout exceeded when trying to connect';

/** Why a statement failed, as a sentence for whoever watches the gateway: no address, no name, no statement. */
export const describeDatabaseTrouble = (error: unknown): string => {
  if (error instanceof Error) {
    const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
    const known = SENTENCES.find(([start]) => code.startsWith(start));
    if (known !== undefined) return known[1];
    if (error.message.startsWith(POOL_EXHAUSTED))
      return 'The database does not answer, or all connections to it are in use.';
  }
  return 'The database does not answer.';
};

/** Whether the server runs and answers questions, but cannot write. */
export const cannotWrite = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  ['53100', '25006', '58', 'XX', 'ENOSPC'].some((start) => String(error.code).startsWith(start));
