import { afterAll, beforeAll, expect } from 'vitest';
import { askReady } from '../../support/gateway-process.ts';
import { NOTHING_WRONG } from '../../support/ledger.ts';
import type { Activity } from '../../support/scripted-peer.ts';
import type { XmppClient } from '../../support/xmpp-client.ts';
import { testFault } from '../fault.ts';
import {
  balanceIn,
  countRows,
  directNote,
  inboxOf,
  introduce,
  postUntilTaken,
  sharedInbox,
  shown,
  until,
} from '../traffic.ts';
import { type FaultWorld, startFaultWorld } from '../world.ts';

let world: FaultWorld;
let alice: XmppClient;
let actor: string;

beforeAll(async () => {
  world = await startFaultWorld();
  alice = await world.logIn('alice');
  await world.start();
  actor = await introduce(world, alice, 'dave');
});
afterAll(() => world?.stop());

const post = (activity: Activity) => postUntilTaken(world.peer, 'dave', activity, inboxOf(world, actor));

const note = (id: string) => directNote(world.peer, 'dave', actor, id);

/** The same note with another text. */
const noteOf = (id: string, content: string): Activity => {
  const create = note(id);
  return { ...create, object: { ...(create['object'] as object), content } };
};

testFault('16', async (watch) => {
  await post(noteOf('long', `<p>${'words '.repeat(100_000)}</p>`));
  watch.causeGone();
  await post(note('short'));
  const cut = await alice.next(({ body }) => body?.startsWith('words words') === true, 60_000);
  await alice.next(({ body }) => body === 'short', 60_000);
  watch.recovered();
  const bytes = Buffer.byteLength(cut.body ?? '');
  expect(bytes).toBeLessThan(20_000);
  expect(cut.body).toContain(`http://${world.peer.host}/notes/long`);
  expect(world.toProsody.connections()).toBe(1);
  return `cut to ${bytes} bytes with a link to the whole; one connection throughout`;
});

testFault('17', async (watch) => {
  await post(noteOf('odd', '<p>a\u0000b\u0008c\ufffed\ud800e&#8;&#xfffe;&#xd800;f</p>'));
  watch.causeGone();
  const odd = await alice.next(({ body }) => body?.startsWith('a') === true && body.endsWith('f'), 60_000);
  await post(note('even'));
  await alice.next(({ body }) => body === 'even', 60_000);
  watch.recovered();
  for (const forbidden of ['\u0000', '\u0008', '\ufffe', '\ud800']) expect(odd.body).not.toContain(forbidden);
  expect(odd.body?.isWellFormed()).toBe(true);
  return `shown as ${JSON.stringify(odd.body)}`;
});

testFault('35', async (watch) => {
  const many = note('many');
  watch.causeGone();
  const statuses = await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      world.peer.post('dave', many, index % 2 === 0 ? inboxOf(world, actor) : sharedInbox(world)),
    ),
  );
  await post(note('after-many'));
  await alice.next(({ body }) => body === 'after-many', 60_000);
  watch.recovered();
  expect(new Set(statuses)).toEqual(new Set([202]));
  expect(shown(alice.seen()).filter(({ id }) => id === 'many')).toHaveLength(1);
  return 'a hundred times 202, shown once';
});

testFault('13', async (watch) => {
  await alice.close();
  await world.prosody.kill();
  const ids = Array.from({ length: 5 }, (_, index) => `gap-${index}`);
  for (const id of ids) await post(note(id));
  expect((await askReady(world.httpPort))?.ok).toBe(false);
  await world.prosody.restart();
  watch.causeGone();
  alice = await world.logIn('alice');
  // Whatever pause between two tries to connect it has come to.
  await alice.next(({ body }) => body === 'gap-4', 60_000);
  watch.recovered();
  const sent = ids.map((id) => ({ id, lane: 'dave' }));
  const events = alice.seen().filter(({ body }) => body?.startsWith('gap-'));
  expect(balanceIn(sent, new Set(ids), events)).toMatchObject({ ...NOTHING_WRONG, repeats: 0 });
  return 'five notes accepted with 202 while it was away: all shown, once, in order';
});

testFault('15', async (watch) => {
  await world.endGateways();
  const gateway = await world.start({ env: { CAUSEWAY_XMPP_SECRET: 'wrong-secret' }, unready: true });
  watch.causeGone();
  await until('the reason is named', async () => {
    const answer = await askReady(world.httpPort);
    return answer?.ok === false && /secret/u.test(answer.text);
  });
  watch.recovered();
  const answer = await askReady(world.httpPort);
  expect(gateway.tail(50)).not.toContain('wrong-secret');
  process.kill(gateway.pid, 0);
  return `it runs on; /readyz: ${answer?.text}`;
});

testFault('47', async (watch) => {
  await world.endGateways();
  await world.start();
  const { db } = world.database;
  const failed = () => countRows(world, `select count(*) from stanzas where state = 'failed'`);
  // To where the XMPP server delivers nothing: it may speak to no other server.
  await db.query(`update users set jid = 'alice@far.test' where jid = 'alice@xmpp.test'`);
  await post(note('bounced'));
  await until('it came back and was given up', async () => (await failed()) === 1);
  watch.causeGone();
  await db.query(`update users set jid = 'alice@xmpp.test' where jid = 'alice@far.test'`);
  await post(note('home'));
  await alice.next(({ body }) => body === 'home', 60_000);
  watch.recovered();
  const [{ stanza, last_error: reason } = { stanza: '', last_error: '' }] = (
    await db.query<{ stanza: unknown; last_error: string }>(
      `select stanza, last_error from stanzas where state = 'failed'`,
    )
  ).rows;
  expect(reason).toContain('came back');
  expect(stanza).toBeNull();
  expect(world.toProsody.connections()).toBe(1);
  expect(world.prosody.log()).not.toContain('Replying with error to');
  return `given up, with its reason kept (${reason}); the connection holds, the next note arrives`;
});
