import type { Db } from '../../src/store/database.ts';

export type Backlog = {
  /** So many rows in each of the three queues. */
  readonly rows: number;
  /** Where the deliveries go. */
  readonly inbox: string;
  /** A user's id, whose key signs. */
  readonly sender: string;
  /** The domain of the people to whom the stanzas go. */
  readonly home: string;
  readonly domain: string;
};

/** How many conversations and authors the rows belong to. */
const LANES = 5_000;
/** Bytes of text in each row. */
const TEXT = 1_000;

/**
 * Puts rows into all three queues, due at once, as the triggers would have left them but faster. `db` must have one
 * connection only.
 */
export const fillBacklog = async (db: Db, { rows, inbox, sender, home, domain }: Backlog): Promise<void> => {
  const text = 'x'.repeat(TEXT);
  await db.query('set session_replication_role = replica');
  await db.query(
    `insert into deliveries (activity_id, sender, inbox, host, lane, body, head, due_at)
     select 'backlog ' || n, $2, $3, $4, 'backlog ' || n % ${LANES}, $5, n < ${LANES}, now()
     from generate_series(0, $1::int - 1) n`,
    [
      rows,
      sender,
      inbox,
      new URL(inbox).host,
      JSON.stringify({ id: 'backlog', type: 'Note', content: text }),
    ],
  );
  await db.query(
    `insert into inbox (activity_id, actor_id, body, head)
     select 'https://s.example/backlog/' || n, 'https://s.example/u/' || n % ${LANES}, $2, n < ${LANES}
     from generate_series(0, $1::int - 1) n`,
    [rows, JSON.stringify({ id: 'https://s.example/backlog', type: 'Unheard', content: text })],
  );
  await db.query(
    `insert into stanzas (recipient, stanza, head)
     select recipient, jsonb_build_object('kind', 'message', 'type', 'headline', 'id', 'backlog-' || n,
       'from', 'someone%s.example@' || $3::text, 'to', recipient, 'body', $2::text), n < ${LANES}
     from (select n, 'nobody' || n % ${LANES} || '@' || $4::text as recipient
           from generate_series(0, $1::int - 1) n) as numbered`,
    [rows, text, domain, home],
  );
  await db.query('set session_replication_role = origin');
  await db.query('analyze deliveries, inbox, stanzas');
};
