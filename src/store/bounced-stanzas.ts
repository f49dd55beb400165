import type { OutgoingMessage, OutgoingStanza } from '../bridge/stanza.ts';
import type { Db } from './database.ts';

/** What may come back and be sent again. */
export type ReturnableStanza = OutgoingMessage | Extract<OutgoingStanza, { readonly kind: 'presence' }>;

export type SentStanza = {
  readonly id: number;
  readonly stanza: ReturnableStanza;
  /** How often it came back before. */
  readonly bounces: number;
};

/** Bare JID. */
const bareOf = (jid: string): string => jid.split('/', 1)[0] ?? jid;

/**
 * The stanza of ours that an error is about: written to exactly this recipient (a resource that complains of what
 * went to all of them does not count) from this contact, under this id, and taken or just being taken. Only of
 * the kinds that are sent again: an error for a receipt or for an error finds nothing. The row, and then the lane
 * of its recipient, stay locked to the end of the transaction. `name` is that of the element that came back.
 */
export const lockSentStanza = async (
  tx: Db,
  key: {
    readonly name: 'message' | 'presence';
    readonly id: string;
    readonly from: string;
    readonly to: string;
  },
): Promise<SentStanza | undefined> => {
  const { rows } = await tx.query<SentStanza>(
    `select id, stanza, bounces from stanzas
     where recipient = $1 and stanza ->> 'id' = $2 and stanza ->> 'to' = $3 and stanza ->> 'from' = $4
       and stanza ->> 'kind' = $5 and (stanza ->> 'kind' = 'message' or stanza ->> 'type' = 'subscribe')
       and stanza is not null and (state = 'sent' or (state = 'due' and lease_until is not null))
     order by id desc limit 1 for update`,
    [bareOf(key.to), key.id, key.to, key.from, key.name],
  );
  if (rows[0] !== undefined)
    await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 3))', [bareOf(key.to)]);
  return rows[0];
};

/**
 * Lets a stanza that was found by `lockSentStanza` go again at `dueAt`, under its own id. What is still to be
 * written of its conversation waits behind it; everything else goes on.
 */
export const postponeStanza = async (tx: Db, { id, stanza }: SentStanza, dueAt: Date): Promise<void> => {
  await tx.query(
    `update stanzas set state = 'waiting', due_at = $2, sent_at = null, head = false, lease_until = null,
       bounces = bounces + (id = $1)::integer
     where id = $1 or (recipient = $3 and stanza ->> 'from' = $4 and state = 'due' and lease_until is null)`,
    [id, dueAt, bareOf(stanza.to), stanza.from],
  );
};

/** So many conversations go on in one step: the rest in the next. */
const READMITTED_AT_ONCE = 100;

/** Puts what waited long enough back into its lane, in front. Returns how many conversations went on. */
export const readmitStanzas = async (db: Db): Promise<number> => {
  const { rows } = await db.query<{ count: number }>('select stanzas_readmit($1) as count', [
    READMITTED_AT_ONCE,
  ]);
  return rows[0]?.count ?? 0;
};
