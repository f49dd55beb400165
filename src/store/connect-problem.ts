const LACKS_RIGHT = '42501';

/** What an admin does about it, by the system's error code or by SQLSTATE (PostgreSQL, appendix A). */
const ADVICE: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'Nothing listens there. Start PostgreSQL, or correct database_url.'],
  ['ENOENT', 'There is no such socket. Start PostgreSQL, or correct database_url.'],
  ['ENOTFOUND', 'There is no such host. Correct the host in database_url.'],
  ['EAI_AGAIN', 'The host cannot be looked up. Correct the host in database_url, or mend the name service.'],
  ['ETIMEDOUT', 'Nothing answers there. Start PostgreSQL, open the firewall, or correct database_url.'],
  ['28000', 'It refuses the login. Correct database_url, or let the user in (pg_hba.conf).'],
  ['28P01', 'It refuses the password. Correct the user and the password in database_url.'],
  ['3D000', 'It holds no such database. Create it (createdb), or correct database_url.'],
  [
    '42501',
    'The user may not create tables. Make it the owner of the database (alter database … owner to …).',
  ],
  ['53300', 'It has no connection free. Raise max_connections, or end other programs.'],
  ['57P03', 'It is starting or stopping. Start the gateway again in a moment.'],
]);
const OTHERWISE = 'See that PostgreSQL runs, and that database_url is right.';

/**
 * Why the database cannot be used at the start, in a sentence that says what to do; the error itself is the cause.
 * No password stands in it: `pg` and the system name the host, the user and the database at most.
 */
export const explainConnectProblem = (error: unknown): Error => {
  const advice = ADVICE.get(lacksRight(error) ? LACKS_RIGHT : codeOf(error)) ?? OTHERWISE;
  return new Error(`The database cannot be used (${messageOf(error)}). ${advice}`, { cause: error });
};

/**
 * Whether a statement of the migrations failed because the database's user lacks a right. The migration runner
 * gives its own errors the text of what it caught, and not the SQLSTATE.
 */
export const lacksRight = (error: unknown): boolean =>
  codeOf(error) === LACKS_RIGHT || messageOf(error).includes('permission denied for');

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/** The first line. Of a name with several addresses each has failed for itself, and the whole says nothing. */
const messageOf = (error: unknown): string => {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join(', ');
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n', 1)[0] ?? text;
};
