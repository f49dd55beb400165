/**
 * A refusal is a value, never an exception: what was asked cannot be done, for a reason that both
 * protocols can tell to the person who asked. One total switch per protocol maps `reason`.
 */
export type Refusal = {
  readonly reason: RefusalReason;
  /** For `gone`: the JID under which the person is now found, where one is known. */
  readonly movedTo?: string;
  /** The remote host it is about, for the sentence that a person reads. */
  readonly host?: string;
};

export type RefusalReason =
  /** The address cannot be the address of a Fediverse actor. */
  | 'malformed-address'
  /** WebFinger or the actor answered 404. */
  | 'not-found'
  /** The actor was deleted (410, Tombstone) or moved. */
  | 'gone'
  /** No such host, or no ActivityPub there. */
  | 'host-not-found'
  /** Time-outs, 5xx, TLS: after the last retry where retrying made sense. */
  | 'host-unreachable'
  /** The remote inbox answered 401 or 403. */
  | 'refused-by-host'
  /** The person blocked the XMPP user. */
  | 'blocked-by-person'
  /** One of our own rules: a block list, `#nobridge`, an address that we never connect to. */
  | 'policy'
  | 'over-limit'
  | 'not-registered'
  /** Nobody registers by themselves here. */
  | 'registration-closed'
  | 'domain-not-allowed'
  /** OMEMO, OpenPGP, `aesgcm:`. */
  | 'encrypted'
  | 'too-long'
  /** The kind of message has no counterpart (a groupchat message to a person, say). */
  | 'not-supported'
  /** The peer said that it will never take this document (400, 406, 413, 415, 422 …). */
  | 'rejected-by-host'
  /** Trouble of our own that may pass. */
  | 'internal';

export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: Refusal };

/** The malformed input of a parser is a value too: `problem` is for the log, never for a stranger. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: string };

export const done = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value });

export const refuse = (
  reason: RefusalReason,
  more: Omit<Refusal, 'reason'> = {},
): { readonly ok: false; readonly refusal: Refusal } => ({ ok: false, refusal: { reason, ...more } });

export const malformed = (problem: string): { readonly ok: false; readonly problem: string } => ({
  ok: false,
  problem,
});
