import type { Stanza } from '../bridge/stanza.ts';
import type { Db } from './database.ts';
import { storableJson } from './plain.ts';

export type ReceivedStanza = {
  readonly position: number;
  readonly stanza: Stanza;
  /** How many holders of the stream have had it, this one included. */
  readonly terms: number;
};

/** Writes down what came over the stream, in this order. All or nothing. */
export const keepReceived = async (
  db: Db,
  received: readonly { readonly id: string; readonly stanza: Stanza }[],
): Promise<void> => {
  await db.query(
    `insert into received_stanzas (id, stanza)
     select id, stanza from unnest($1::text[], $2::jsonb[]) with ordinality as given (id, stanza, place)
     order by place`,
    [received.map(({ id }) => id), received.map(({ stanza }) => storableJson(stanza))],
  );
};

/** The oldest that are not dealt with, in the order in which they came; none of `except` (positions). */
export const readReceived = async (
  db: Db,
  { except, limit }: { readonly except: readonly number[]; readonly limit: number },
): Promise<readonly ReceivedStanza[]> => {
  const { rows } = await db.query<ReceivedStanza>(
    `select position, stanza, terms from received_stanzas
     where position <> all ($1::bigint[]) order by position limit $2`,
    [except, limit],
  );
  return rows;
};

/** A new holder of the stream begins: how many it found. */
export const countTerm = async (db: Db): Promise<number> => {
  const { rowCount } = await db.query('update received_stanzas set terms = terms + 1');
  return rowCount;
};

/**
 * Takes one away, in the transaction that says what became of it. False: somebody else has dealt with it, and
 * nothing more is to be done.
 */
export const settleReceived = async (tx: Db, position: number): Promise<boolean> => {
  const { rowCount } = await tx.query('delete from received_stanzas where position = $1', [position]);
  return rowCount === 1;
};

/** Takes away those that need nothing more, by position. */
export const forgetReceived = async (db: Db, positions: readonly number[]): Promise<void> => {
  await db.query('delete from received_stanzas where position = any ($1::bigint[])', [positions]);
};

/** Takes away those whose senders were told that they could not be written, by id. */
export const takeBackReceived = async (db: Db, ids: readonly string[]): Promise<void> => {
  await db.query('delete from received_stanzas where id = any ($1::text[])', [ids]);
};

/** How many wait. */
export const countReceived = async (db: Db): Promise<number> => {
  const { rows } = await db.query<{ count: number }>('select count(*) as count from received_stanzas');
  return rows[0]?.count ?? 0;
};
