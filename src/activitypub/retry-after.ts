/** What `Retry-After` says with a 503, in seconds, by what is missing. */
export const RETRY_AFTER = {
  /** Room for the body. */
  room: 10,
  /** The database. */
  database: 30,
  /** The key of who signed. */
  key: 60,
  /** The WebFinger of who signed. */
  webfinger: 300,
} as const;
