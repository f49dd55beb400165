import { expect } from 'vitest';
import { balance, NOTHING_WRONG } from '../../support/ledger.ts';
import type { XmppClient } from '../../support/xmpp-client.ts';
import { testFault, type Watch } from '../fault.ts';
import { worldOf } from '../scene.ts';
import { balanceOut, directNote, inboxOf, introduce, postUntilTaken, sendChat, shown } from '../traffic.ts';
import type { FaultWorld } from '../world.ts';

/** Longer than a lease and a start. */
const PATIENCE_MS = 60_000;

type Scene = { readonly world: FaultWorld; readonly alice: XmppClient; readonly actor: string };

/** A world in which alice and dave know each other, and no gateway runs. */
const inScene = async (watch: Watch, run: (scene: Scene) => Promise<string>): Promise<string> => {
  const world = await worldOf(watch);
  const alice = await world.logIn('alice');
  const gateway = await world.start();
  const actor = await introduce(world, alice, 'dave');
  await gateway.stop();
  return await run({ world, alice, actor });
};

const killWithDelivery = (failpoint: string, posts: number) => (watch: Watch) =>
  inScene(watch, async ({ world, alice }) => {
    const doomed = await world.start({ failpoint });
    sendChat(alice, world.contact('dave'), 'first');
    await doomed.ended;
    watch.causeGone();
    await world.start();
    sendChat(alice, world.contact('dave'), 'second');
    await alice.next(({ received }) => received === 'second', PATIENCE_MS);
    watch.recovered();
    const sent = ['first', 'second'].map((id) => ({ id, lane: 'dave' }));
    const seen = balanceOut(sent, alice.seen(), world.peer, (text) => !text.startsWith('hello'));
    expect(seen).toEqual({ ...NOTHING_WRONG, untold: [], repeats: posts - 1 });
    expect(alice.seen().filter(({ received }) => received === 'first')).toHaveLength(1);
    return `${posts} POST under one id, one receipt; the message behind it waited for it`;
  });

testFault('4', killWithDelivery('out.claimed:kill', 1), { concurrent: true });
testFault('5', killWithDelivery('out.posted:kill', 2), { concurrent: true });

const killWithNote = (failpoint: string, mayRepeat: boolean) => (watch: Watch) =>
  inScene(watch, async ({ world, alice, actor }) => {
    const doomed = await world.start({ failpoint });
    const sent = ['first', 'second'].map((id) => ({ id, lane: 'dave' }));
    const taking = sent.map(({ id }) =>
      postUntilTaken(world.peer, 'dave', directNote(world.peer, 'dave', actor, id), inboxOf(world, actor)),
    );
    await doomed.ended;
    watch.causeGone();
    await world.start();
    await Promise.all(taking);
    for (const { id } of sent) await alice.next(({ body }) => body === id, PATIENCE_MS);
    watch.recovered();
    const seen = balance({
      // Both were posted at once: no order was promised between them.
      sent: sent.map(({ id }) => ({ id, lane: id })),
      acknowledged: new Set(['first', 'second']),
      failed: new Set(),
      arrived: shown(alice.seen()),
    });
    expect(seen).toMatchObject(NOTHING_WRONG);
    if (!mayRepeat) expect(seen.repeats).toBe(0);
    return `shown once by id, ${seen.repeats} repeat under the same id`;
  });

testFault('7b', killWithNote('in.claimed:kill', false), { concurrent: true });
testFault('7c', killWithNote('in.carried:kill', false), { concurrent: true });
testFault('8', killWithNote('xmpp.written:kill', true), { concurrent: true });
testFault('8b', killWithNote('xmpp.claimed:kill', false), { concurrent: true });
