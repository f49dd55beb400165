import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ALICE, type Attacked, DOMAIN, startAttacked } from '../support/attacked-gateway.ts';

/** A whole gateway: what a peer serves as pictures, and what a client then gets. */
let gateway: Attacked;
let bob: string;
let contact: string;
const png = (color: string) =>
  sharp({ create: { width: 300, height: 200, channels: 3, background: color } })
    .png()
    .toBuffer();

beforeAll(async () => {
  gateway = await startAttacked();
  const { peer } = gateway;
  contact = `bob%${peer.host.replace(':', '\\3a')}@${DOMAIN}`;
  bob = actor('bob', '/bob.png');
  await serve('/bob.png', await png('red'));
  await gateway.registerAlice(contact);
});
afterAll(() => gateway?.stop());

const actor = (name: string, icon: string, more: object = {}): string =>
  gateway.peer.addActor(name, {
    name: `The ${name}`,
    icon: { type: 'Image', url: `${gateway.peer.origin}${icon}` },
    ...more,
  });
const serve = async (path: string, bytes: Uint8Array, type = 'image/png'): Promise<void> => {
  gateway.peer.replies.set(
    path,
    (_, response) => void response.writeHead(200, { 'content-type': type }).end(bytes),
  );
};

let count = 0;
const ask = async (inner: string, to = contact): Promise<string> => {
  count += 1;
  const id = `q${count}`;
  gateway.xmpp.write(`<iq type='get' id='${id}' from='${ALICE}/x' to='${to}'>${inner}</iq>`);
  const text = await gateway.untilWritten(`id="${id}"`);
  const start = text.lastIndexOf('<iq', text.indexOf(`id="${id}"`));
  return (await gateway.untilWritten(`id="${id}"`)).slice(start, text.indexOf('</iq>', start) + 5);
};
const CARD = "<vCard xmlns='vcard-temp'/>";
/** The first card that has it: a card waits for a picture only so long, and this machine may take longer. */
const cardWithPicture = async (): Promise<string> => {
  for (;;) {
    const card = await ask(CARD);
    if (card.includes('<PHOTO>')) return card;
  }
};
const asked = (path: string): number => gateway.peer.asked.filter((line) => line === `GET ${path}`).length;
const photoOf = (text: string): Buffer => Buffer.from(/<BINVAL>([^<]+)</u.exec(text)?.[1] ?? '', 'base64');

test('a card has the picture, made small, and it is fetched once', async () => {
  const card = await cardWithPicture();
  expect(await sharp(photoOf(card)).metadata()).toMatchObject({ format: 'png', width: 192, height: 192 });
  await ask(CARD);
  await ask(
    "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:xmpp:avatar:data'/></pubsub>",
  );
  expect(asked('/bob.png')).toBe(1);
});

test('a subscriber sees its hash in the presence', async () => {
  gateway.xmpp.write(`<presence type='subscribe' from='${ALICE}' to='${contact}'/>`);
  const follow = await gateway.untilPosted(({ json }) => json['type'] === 'Follow');
  const accept = { id: `${gateway.peer.origin}/accept/1`, type: 'Accept', actor: bob, object: follow };
  expect((await gateway.post('bob', accept)).status).toBe(202);
  const text = await gateway.untilWritten('<photo>');
  expect(text).toMatch(/<photo>[0-9a-f]{40}<\/photo>/u);
});

test('a new picture and a new name are shown to subscribers', async () => {
  await serve('/new.png', await png('blue'));
  const id = `${gateway.peer.origin}/update/1`;
  actor('bob', '/new.png', { name: 'Robert' });
  const object = gateway.peer.replies.get('/users/bob');
  expect((await gateway.post('bob', { id, type: 'Update', actor: bob, object })).status).toBe(202);
  const hashes = (text: string): Set<string> => new Set(text.match(/<photo>[0-9a-f]{40}<\/photo>/gu));
  await expect.poll(async () => hashes(await gateway.untilWritten('Robert')).size).toBe(2);
  expect(await ask(CARD)).toContain('<FN>Robert (@bob@');
});

test('another picture under the same URL is seen at the next Update, and one that is away for now stays', async () => {
  const age = (): Promise<unknown> =>
    gateway.database.db.query(`update pictures set fetched_at = now() - interval '8 days'`);
  const before = photoOf(await cardWithPicture());
  await age();
  gateway.peer.replies.set('/new.png', 500);
  expect(photoOf(await cardWithPicture())).toEqual(before);
  await serve('/new.png', await png('green'));
  await age();
  const id = `${gateway.peer.origin}/update/2`;
  const object = gateway.peer.replies.get('/users/bob');
  expect((await gateway.post('bob', { id, type: 'Update', actor: bob, object })).status).toBe(202);
  await expect.poll(async () => photoOf(await cardWithPicture()).equals(before)).toBe(false);
});

test.each([
  ['an SVG', '/a.svg', 'image/svg+xml', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')],
  ['a page that says it is a picture', '/b.png', 'image/png', Buffer.from('<script>alert(1)</script>')],
  ['a picture that says it is a page', '/c.png', 'text/html', undefined],
  ['5 MiB', '/d.png', 'image/png', Buffer.alloc(5 * 1024 * 1024)],
])('%s shows a card without a picture', async (_, path, type, bytes) => {
  const name = `odd${path.slice(1, 2)}`;
  actor(name, path);
  await serve(path, bytes ?? (await png('red')), type);
  const card = await ask(CARD, contact.replace('bob', name));
  expect(card).toContain(`<FN>The ${name} (`);
  expect(card).not.toContain('PHOTO');
  await ask(CARD, contact.replace('bob', name));
  expect(asked(path)).toBe(1);
});

test('a picture that never ends does not hold the card up', async () => {
  actor('slow', '/slow.png');
  const hungUp: number[] = [];
  gateway.peer.replies.set('/slow.png', (_, response) => {
    response.once('close', () => hungUp.push(1));
    response.writeHead(200, { 'content-type': 'image/png' }).write('x');
  });
  const card = await ask(CARD, contact.replace('bob', 'slow'));
  expect(card).toContain('The slow');
  // It is still being fetched.
  expect([asked('/slow.png'), hungUp]).toEqual([1, []]);
});

test('a picture of ours, and one inside, are not asked for', async () => {
  for (const [name, url] of [
    ['self', `https://${DOMAIN}/media/x.png`],
    ['inside', 'http://169.254.169.254/x.png'],
  ] as const) {
    gateway.peer.addActor(name, { icon: { type: 'Image', url } });
    expect(await ask(CARD, contact.replace('bob', name))).not.toContain('PHOTO');
  }
});

test('nothing of all this was a mistake of ours', () => {
  expect(
    gateway.logged.filter((line) => line.includes('"level":"error"') || line.includes('picture-failed')),
  ).toEqual([]);
});
