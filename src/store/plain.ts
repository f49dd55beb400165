/**
 * PostgreSQL stores neither U+0000 nor, in jsonb, a lone surrogate: one hostile character must not make a
 * statement fail.
 */
export const storableText = (text: string): string => text.toWellFormed().replaceAll('\0', '');

/** JSON for a jsonb parameter, all its strings storable. */
export const storableJson = (value: object): string =>
  JSON.stringify(value, (_key, part: unknown) => (typeof part === 'string' ? storableText(part) : part));

/** What is kept of an error: enough to see the cause, never more than 500 characters. */
export const storableError = (error: string): string => storableText(error.slice(0, 500));
