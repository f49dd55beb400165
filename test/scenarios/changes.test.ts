import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Snac } from '../support/snac.ts';
import { DOMAIN, startWorld, type World } from '../support/world.ts';
import type { ClientEvent, XmppClient } from '../support/xmpp-client.ts';

const CONTACT = `carol%snac.test@${DOMAIN}`;
let world: World;
let alice: XmppClient;

beforeAll(async () => {
  world = await startWorld();
  await world.startGateway();
  alice = await world.logIn('alice');
});
afterAll(() => world?.stop());

const snacOr = (skip: (why: string) => never): Snac =>
  typeof world.fediverse.snac === 'string' ? skip(world.fediverse.snac) : world.fediverse.snac;

const from = (fits: (event: ClientEvent) => boolean) => (event: ClientEvent) =>
  event.event === 'message' && event.from === CONTACT && fits(event);

test('what a person of snac edits and deletes is corrected and retracted in the chat', async ({ skip }) => {
  const snac = snacOr(skip);
  // snac tells a deletion to followers only, whoever the note was for.
  alice.send({ do: 'presence', to: CONTACT, type: 'subscribe' });
  await alice.next(
    ({ event, from: jid, type }) => event === 'presence' && jid === CONTACT && type === 'subscribed',
    45_000,
  );
  alice.send({ do: 'send', to: CONTACT, body: 'What do you think?', id: 'q1', receipt: true });
  const question = await snac.waitForNote(
    'carol',
    ({ content }) => content.includes('What do you think'),
    45_000,
  );
  await snac.reply('carol', question.id, 'I thikn so.');
  const first = await alice.next(
    from(({ body }) => body === 'I thikn so.'),
    45_000,
  );
  const answer = (await snac.notes('carol')).find(({ content }) => content.includes('I thikn so'));
  if (answer === undefined) throw new Error('snac does not show its own note');

  await snac.edit('carol', answer.id, 'I think so.');
  const second = await alice.next(
    from(({ body }) => body === 'I think so.'),
    45_000,
  );
  expect(second.id).not.toBe(first.id);
  expect(second.xml).toMatch(new RegExp(`replace[^>]* id="${first.id}"`, 'u'));

  await snac.remove('carol', answer.id);
  const third = await alice.next(
    from(({ xml }) => (xml ?? '').includes('message-retract:1')),
    45_000,
  );
  expect(third.xml).toMatch(new RegExp(`retract[^>]* id="${first.id}"`, 'u'));
  expect(third.body).toMatch(/deleted/u);

  // The next message answers the note that is left: her own.
  alice.send({ do: 'send', to: CONTACT, body: 'Never mind', id: 'q2', receipt: true });
  const next = await snac.waitForNote('carol', ({ content }) => content.includes('Never mind'), 45_000);
  expect(next.inReplyTo).toBe(question.id);
}, 120_000);

test('what a person of snac likes and shares, and does no more, is told in answer to the message', async ({
  skip,
}) => {
  const snac = snacOr(skip);
  alice.send({ do: 'send', to: CONTACT, body: 'A fine day', id: 'l1', receipt: true });
  const note = await snac.waitForNote('carol', ({ content }) => content.includes('A fine day'), 45_000);
  await snac.like('carol', note.id);
  const liked = await alice.next(
    from(({ body }) => body === '(likes your message)'),
    45_000,
  );
  expect(liked.xml).toMatch(/reply[^>]* id="l1"/u);
  await snac.unlike('carol', note.id);
  const unliked = await alice.next(
    from(({ xml }) => new RegExp(`retract[^>]* id="${liked.id}"`, 'u').test(xml ?? '')),
    45_000,
  );
  expect(unliked.body).toMatch(/deleted/u);
  await snac.boost('carol', note.id);
  const shared = await alice.next(
    from(({ body }) => body === '(shared your message with others)'),
    45_000,
  );
  await snac.unboost('carol', note.id);
  await alice.next(
    from(({ xml }) => new RegExp(`retract[^>]* id="${shared.id}"`, 'u').test(xml ?? '')),
    25_000,
  );
}, 120_000);

test('what nobody knows but snac is taken and does nothing', async ({ skip }) => {
  const snac = snacOr(skip);
  alice.send({ do: 'send', to: CONTACT, body: 'Anybody there?', id: 'p1', receipt: true });
  const note = await snac.waitForNote('carol', ({ content }) => content.includes('Anybody there'), 25_000);
  const taken = (): number => snac.tail(2_000).match(/output message: .* \(202 Accepted\)/gu)?.length ?? 0;
  const before = { taken: taken(), seen: alice.seen().length };
  await snac.ping('carol', note.attributedTo);
  await expect.poll(taken, { timeout: 25_000 }).toBe(before.taken + 1);
  await snac.sendDirect('carol', `@alice@${DOMAIN} Did you hear it?`);
  await alice.next(
    from(({ body }) => body === 'Did you hear it?'),
    25_000,
  );
  const said = alice
    .seen()
    .slice(before.seen)
    .filter(from(({ body }) => body !== undefined));
  expect(said.map(({ body }) => body)).toEqual(['Did you hear it?']);
}, 60_000);

test('a note of snac to everybody that mentions the user says so, with its link', async ({ skip }) => {
  const snac = snacOr(skip);
  await snac.sendPublic('carol', `@alice@${DOMAIN} Look who is here`);
  const event = await alice.next(
    from(({ body }) => (body ?? '').includes('Look who is here')),
    45_000,
  );
  const note = (await snac.notes('carol')).find(({ content }) => content.includes('Look who is here'));
  expect(event.body).toContain(`(public post: ${note?.id}`);
}, 60_000);

test('who moves within snac is gone from the roster, and who followed is told where to', async ({ skip }) => {
  const snac = snacOr(skip);
  const hasFollowed = ({ event, from: jid, type }: ClientEvent): boolean =>
    event === 'presence' && jid === CONTACT && type === 'subscribed';
  if (!alice.seen().some(hasFollowed)) {
    alice.send({ do: 'presence', to: CONTACT, type: 'subscribe' });
    await alice.next(hasFollowed, 25_000);
  }
  await snac.migrate('carol', 'carla');
  const gone = await alice.next(
    ({ event, from: jid, type }) => event === 'presence' && jid === CONTACT && type === 'error',
    25_000,
  );
  expect(gone.error).toMatchObject({ condition: 'gone', uri: `xmpp:carla%25snac.test@${DOMAIN}` });
  const told = await alice.next(
    ({ event, from: jid, body = '' }) => event === 'message' && jid === DOMAIN && body.includes('has moved'),
    25_000,
  );
  expect(told.body).toContain('@carol@snac.test has moved and is now @carla@snac.test');
  // She hears of the end from her own server.
  await alice.next(
    ({ event, from: jid, type }) => event === 'presence' && jid === CONTACT && type === 'unsubscribed',
    25_000,
  );
}, 120_000);
