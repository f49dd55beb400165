import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { enqueueStanza } from '../../src/store/stanzas.ts';
import { DOMAIN } from '../support/attacked-gateway.ts';
import { ALICE, type PresenceWorld, startPresenceWorld } from '../support/presence-world.ts';
import { startProsody } from '../support/prosody.ts';
import { addContacts, addRosterUser } from '../support/roster.ts';
import type { XmppClient } from '../support/xmpp-client.ts';

const CONTACTS = 10_000;
/** Milliseconds from the commit of a chat to a client, for 95 of 100, while all contacts are announced. */
const P95_MS = 1_000;
/** Chats come at a pace at which there is time for other things in between. */
const PACE_MS = 25;

let world: PresenceWorld;
let alice: XmppClient;
let ben: XmppClient;
beforeAll(async () => {
  world = await startPresenceWorld(startProsody);
  await addContacts(world.database, await addRosterUser(world.database, ALICE), CONTACTS);
  alice = await world.logIn();
  ben = await world.logIn('ben@xmpp.test');
});
afterAll(() => world?.stop());

/** Contacts whose newest presence is of this type. */
const countSeen = (type: string | undefined): number =>
  new Set(
    alice
      .seen()
      .filter((seen) => seen.event === 'presence' && seen.type === type)
      .flatMap(({ from = '' }) => (from.endsWith(`@${DOMAIN}`) ? [from] : [])),
  ).size;

test('ten thousand contacts come and go, and no chat waits for them', async () => {
  await world.startGateway();
  const waits: number[] = [];
  for (let n = 0; countSeen(undefined) < CONTACTS; n += 1) {
    const begun = performance.now();
    const id = `chat-${n}`;
    const from = `c1%social.example@${DOMAIN}`;
    await enqueueStanza(world.database.db, {
      kind: 'message',
      type: 'chat',
      id,
      from,
      // Not to her who reads ten thousand presences meanwhile: how fast her client is says nothing of the gateway.
      to: 'ben@xmpp.test',
      body: 'hello',
    });
    await ben.next((seen) => seen.event === 'message' && seen.id === id);
    waits.push(performance.now() - begun);
    await pause(PACE_MS);
  }
  // Enough of them while it lasted, so that the pace of the announcement is seen.
  expect(waits.length).toBeGreaterThan(10);
  const p95 = waits.sort((one, other) => one - other)[Math.floor(waits.length * 0.95)];
  expect(p95).toBeLessThan(P95_MS);

  const begun = performance.now();
  await world.stopGateway();
  expect(performance.now() - begun).toBeLessThan(10_000);
  // What fits into its two seconds: some pages at the least.
  expect(countSeen('unavailable')).toBeGreaterThan(200);
}, 120_000);
