import { setTimeout as pause } from 'node:timers/promises';
import { type Balance, balance, type Sent } from '../support/ledger.ts';
import type { Activity, ScriptedPeer } from '../support/scripted-peer.ts';
import type { ClientEvent, XmppClient } from '../support/xmpp-client.ts';
import { DOMAIN, type FaultWorld } from './world.ts';

/** Waits until something holds, looking every 25 ms. Rejects with `what` after `ms`. */
export const until = async (
  what: string,
  holds: () => boolean | Promise<boolean>,
  ms = 60_000,
): Promise<void> => {
  const deadline = performance.now() + ms;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`still not after ${ms} ms: ${what}`);
    await pause(25);
  }
};

/** Sends one message that wants a receipt. Its text is its id, so that both ends can name it. */
export const sendChat = (client: XmppClient, to: string, id: string): void =>
  client.send({ do: 'send', to, body: id, id, receipt: true });

export const receiptsOf = (events: readonly ClientEvent[]): ReadonlySet<string> =>
  new Set(events.flatMap(({ received }) => received ?? []));

export const errorsOf = (events: readonly ClientEvent[]): ReadonlySet<string> =>
  new Set(
    events.flatMap(({ event, type, id }) => (event === 'message' && type === 'error' ? (id ?? []) : [])),
  );

/** The ids of which the sender heard, good or bad. */
export const toldOf = (events: readonly ClientEvent[]): ReadonlySet<string> =>
  new Set([...receiptsOf(events), ...errorsOf(events)]);

/** Makes both sides know each other, so that nothing is looked up later. Resolves with the user's actor id. */
export const introduce = async (
  world: FaultWorld,
  client: XmppClient,
  user: string,
  peer: ScriptedPeer = world.peer,
): Promise<string> => {
  const id = `hello-${user}-${peer.port}`;
  sendChat(client, world.contact(user, peer), id);
  await client.next(({ received }) => received === id, 60_000);
  const post = await peer.posts.waitFor(({ text }) => text === id, id, 1_000);
  return post.actor;
};

/** The balance of messages that went from XMPP to a peer, of those whose text fits. */
export const balanceOut = (
  sent: readonly Sent[],
  events: readonly ClientEvent[],
  peer: ScriptedPeer,
  fits: (text: string) => boolean = () => true,
): Balance =>
  balance({
    sent,
    acknowledged: receiptsOf(events),
    failed: errorsOf(events),
    arrived: peer.posts.entries.flatMap(({ accepted, text, activityId, type }) =>
      accepted && type === 'Create' && text !== undefined && fits(text)
        ? [{ id: text, shownAs: activityId }]
        : [],
    ),
  });

/** A direct note of a user of the peer; its text is its id. */
export const directNote = (peer: ScriptedPeer, user: string, to: string, id: string): Activity => {
  const author = peer.actorId(user);
  const object = {
    id: `http://${peer.host}/notes/${id}`,
    type: 'Note',
    attributedTo: author,
    to: [to],
    cc: [],
    published: new Date().toISOString(),
    content: `<p>${id}</p>`,
    tag: [{ type: 'Mention', href: to, name: '@alice' }],
  };
  return { id: `${object.id}/create`, type: 'Create', actor: author, to: [to], cc: [], object };
};

/** The gateway's inbox for an actor of ours. */
export const inboxOf = (world: FaultWorld, actor: string) => ({
  inbox: `${actor}/inbox`,
  port: world.httpPort,
});

export const sharedInbox = (world: FaultWorld) => ({
  inbox: `https://${DOMAIN}/inbox`,
  port: world.httpPort,
});

/**
 * Posts an activity as a Fediverse server does: again and again, the same bytes, until a 2xx. Resolves with the
 * statuses seen, 0 for no answer.
 */
export const postUntilTaken = async (
  peer: ScriptedPeer,
  user: string,
  activity: Activity,
  to: { readonly inbox: string; readonly port: number },
  ms = 60_000,
  onRefused: (status: number) => void = () => {},
): Promise<readonly number[]> => {
  const deadline = performance.now() + ms;
  const statuses: number[] = [];
  for (;;) {
    const status = await peer.post(user, activity, to).catch(() => 0);
    statuses.push(status);
    if (status >= 200 && status < 300) return statuses;
    onRefused(status);
    if (performance.now() > deadline)
      throw new Error(`${activity.id} was never taken: ${statuses.join(' ')}`);
    await pause(250);
  }
};

/** The balance of notes that went from the peer to XMPP; `taken` are the ids that were answered with a 2xx. */
export const balanceIn = (
  sent: readonly Sent[],
  taken: ReadonlySet<string>,
  events: readonly ClientEvent[],
): Balance =>
  balance({
    sent,
    acknowledged: taken,
    failed: new Set(),
    arrived: shown(events),
  });

/** Notes that a client was shown: text and stanza id. */
export const shown = (events: readonly ClientEvent[]) =>
  events.flatMap(({ event, type, body, id, from }) =>
    event === 'message' && type !== 'error' && body !== undefined && from !== DOMAIN && from !== undefined
      ? [{ id: body, shownAs: id ?? '' }]
      : [],
  );

export const countRows = async (world: FaultWorld, query: string): Promise<number> => {
  const { rows } = await world.database.db.query<{ count: number }>(query);
  return Number(rows[0]?.count ?? 0);
};

/** Makes everything that waits for its time due now, hosts that rest too, as if the time had passed. */
export const hurry = async (world: FaultWorld): Promise<void> => {
  await world.database.db.query('delete from hosts');
  await world.database.db.query(`update deliveries set due_at = now() where state = 'due'`);
};

/** Makes what waits older, by so many hours. */
export const age = async (world: FaultWorld, hours: number): Promise<void> => {
  await world.database.db.query(
    `update deliveries set created_at = created_at - make_interval(hours => $1) where state = 'due'`,
    [hours],
  );
};

/**
 * Multiplies the delivery that waits for a peer: a backlog as if so many messages had been written, each to a
 * person of its own. Triggers stay out of it; what they keep up is written as they would.
 */
export const growBacklog = async (
  world: FaultWorld,
  count: number,
  due: 'now' | 'in an hour',
): Promise<void> => {
  await world.database.db.transaction(async (tx) => {
    await tx.query(`set local session_replication_role = replica`);
    await tx.query('set local statement_timeout = 0');
    await tx.query(
      `insert into deliveries (activity_id, sender, inbox, host, lane, body, head, due_at)
       select activity_id || '-' || n, sender, inbox, host, lane || '-' || n,
         case when $2 = 0 then replace(body, activity_id, activity_id || '-' || n) else '{}' end, true,
         now() + make_interval(mins => $2)
       from (select * from deliveries where state = 'due' limit 1) as one, generate_series(1, $1) as n`,
      [count, due === 'now' ? 0 : 60],
    );
  });
  await world.database.db.query('analyze deliveries');
};
