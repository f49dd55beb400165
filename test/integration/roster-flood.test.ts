import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { enqueueStanza } from '../../src/store/stanzas.ts';
import { ALICE, type Attacked, DOMAIN, startAttacked } from '../support/attacked-gateway.ts';

const FOLLOWERS = 10_000;
/** Milliseconds from the commit of a chat to its writing, for 95 of 100, while the flood lasts. */
const P95_MS = 500;

/** Chats come at a pace at which there is time for other things in between. */
const PACE_MS = 25;

let gateway: Attacked;
beforeAll(async () => {
  gateway = await startAttacked();
  gateway.peer.addActor('bob');
  await gateway.registerAlice(`bob%${gateway.peer.host.replace(':', '\\3a')}@${DOMAIN}`);
  await gateway.untilSettled();
});
afterAll(() => gateway?.stop());

/** As the rows are that ten thousand Follows leave. */
const flood = async (): Promise<void> => {
  const { db } = gateway.database;
  await db.query(
    `insert into remote_actors (id, handle_user, handle_host, profile)
     select 'https://crowd.example/users/f' || n, 'f' || n, 'crowd.example', jsonb_build_object(
       'type', 'Person', 'preferredUsername', 'f' || n, 'name', 'Follower ' || n, 'inbox', 'https://crowd.example/inbox')
     from generate_series(1, $1::int) n`,
    [FOLLOWERS],
  );
  await db.query(
    `insert into follows (user_id, actor_id, direction, state, follow_id, to_ask)
     select users.id, 'https://crowd.example/users/f' || n, 'in', 'pending', 'https://crowd.example/f/' || n, true
     from generate_series(1, $1::int) n, users where jid = $2`,
    [FOLLOWERS, ALICE],
  );
};

const countAsked = async (): Promise<number> =>
  (await gateway.untilWritten('')).split('<presence type="subscribe"').length - 1;

test('ten thousand people who follow at once are asked about in turn, and no chat waits for them', async () => {
  await flood();
  const waits: number[] = [];
  for (let n = 0; (await countAsked()) < FOLLOWERS; n += 1) {
    const begun = performance.now();
    // To the flooded user and to one who has nothing to do with it.
    const to = n % 2 === 0 ? ALICE : 'ben@xmpp.test';
    const id = `chat-${n}`;
    const from = `bob%s.example@${DOMAIN}`;
    await enqueueStanza(gateway.database.db, { kind: 'message', type: 'chat', id, from, to, body: 'hello' });
    await gateway.untilWritten(`id="${id}"`);
    waits.push(performance.now() - begun);
    await pause(PACE_MS);
  }
  // Enough of them while it lasted, so that the pace of the flood is seen.
  expect(waits.length).toBeGreaterThan(20);
  const p95 = waits.sort((one, other) => one - other)[Math.floor(waits.length * 0.95)];
  expect(p95).toBeLessThan(P95_MS);
  const text = await gateway.untilWritten('');
  const asked = new Set(
    [...text.matchAll(/<presence type="subscribe"[^>]* from="([^"]+)"/gu)].map(([, from]) => from),
  );
  expect(asked.size).toBe(FOLLOWERS);
  expect(await countAsked()).toBe(FOLLOWERS);
}, 120_000);
