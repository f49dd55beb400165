import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { NOTHING_WRONG } from '../../support/ledger.ts';
import type { XmppClient } from '../../support/xmpp-client.ts';
import { testFault } from '../fault.ts';
import {
  balanceIn,
  balanceOut,
  directNote,
  inboxOf,
  introduce,
  postUntilTaken,
  receiptsOf,
  sendChat,
  shown,
} from '../traffic.ts';
import { type FaultWorld, startFaultWorld } from '../world.ts';

let world: FaultWorld;
let alice: XmppClient;
let actor: string;

beforeAll(async () => {
  world = await startFaultWorld();
  alice = await world.logIn('alice');
  const gateway = await world.start();
  actor = await introduce(world, alice, 'dave');
  await gateway.stop();
});
afterAll(() => world?.stop());
afterEach(() => world.endGateways());

const outcome = (id: string) =>
  balanceOut([{ id, lane: 'dave' }], alice.seen().filter(concerns(id)), world.peer, (text) => text === id);

const concerns = (id: string) => (event: { readonly id?: string; readonly received?: string }) =>
  event.id === id || event.received === id;

testFault('1', async (watch) => {
  const doomed = await world.start({ failpoint: 'x2a.recv:kill' });
  sendChat(alice, world.contact('dave'), 'out-1');
  await doomed.ended;
  expect(world.peer.posts.entries.some(({ text }) => text === 'out-1')).toBe(false);
  watch.causeGone();
  await world.start();
  // Nothing of it is left that could still go out: what is sent behind it arrives alone.
  sendChat(alice, world.contact('dave'), 'out-1-behind');
  await alice.next(({ received }) => received === 'out-1-behind', 60_000);
  watch.recovered();
  expect(outcome('out-1')).toMatchObject({ ...NOTHING_WRONG, untold: ['out-1'] });
  expect(world.peer.posts.entries.some(({ text }) => text === 'out-1')).toBe(false);
  sendChat(alice, world.contact('dave'), 'out-1');
  await alice.next(({ received }) => received === 'out-1', 60_000);
  expect(outcome('out-1')).toMatchObject({ ...NOTHING_WRONG, untold: [], repeats: 0 });
  return 'no receipt, no ghost; sent again: once, with a receipt';
});

for (const [row, failpoint] of [
  ['1b', 'x2a.kept:kill'],
  ['2', 'x2a.tx:kill'],
  ['3', 'x2a.committed:kill'],
] as const)
  testFault(row, async (watch) => {
    const id = `out-${row}`;
    const doomed = await world.start({ failpoint });
    sendChat(alice, world.contact('dave'), id);
    await doomed.ended;
    expect(receiptsOf(alice.seen()).has(id)).toBe(false);
    watch.causeGone();
    await world.start();
    await alice.next(({ received }) => received === id, 60_000);
    watch.recovered();
    // What is sent behind it comes behind all that there is of it.
    sendChat(alice, world.contact('dave'), `${id}-behind`);
    await alice.next(({ received }) => received === `${id}-behind`, 60_000);
    expect(outcome(id)).toMatchObject({ ...NOTHING_WRONG, untold: [], repeats: 0 });
    return 'one POST, one receipt, both after the restart';
  });

for (const [row, failpoint] of [
  ['6', 'in.verified:kill'],
  ['7', 'in.committed:kill'],
] as const)
  testFault(row, async (watch) => {
    const id = `in-${row}`;
    const doomed = await world.start({ failpoint });
    const note = directNote(world.peer, 'dave', actor, id);
    const posting = postUntilTaken(world.peer, 'dave', note, inboxOf(world, actor));
    await doomed.ended;
    watch.causeGone();
    await world.start();
    const statuses = await posting;
    await alice.next(({ body }) => body === id, 60_000);
    watch.recovered();
    expect(statuses[0]).toBe(0);
    expect(statuses.at(-1)).toBe(202);
    // What is sent behind it comes behind all that there is of it.
    const behind = directNote(world.peer, 'dave', actor, `${id}-behind`);
    await postUntilTaken(world.peer, 'dave', behind, inboxOf(world, actor));
    await alice.next(({ body }) => body === `${id}-behind`, 60_000);
    const events = alice.seen().filter(({ body }) => body === id);
    expect(balanceIn([{ id, lane: 'dave' }], new Set([id]), events)).toMatchObject({
      ...NOTHING_WRONG,
      repeats: 0,
    });
    return `no 2xx before the kill, 202 after it; shown ${shown(events).length} time`;
  });
