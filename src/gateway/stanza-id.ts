import { createHash } from 'node:crypto';

/**
 * The stanza id of a Note's part for one recipient: the same whenever it is made, so that a client can drop
 * a repeat (product promise 2). 22 characters of base64url.
 */
export const stanzaIdOf = (objectId: string, recipient: string, part: number): string =>
  createHash('sha256').update(`${objectId}\n${recipient}\n${part}`).digest('base64url').slice(0, 22);
