import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { findUserByJid } from '../../src/store/users.ts';
import { type AccountStage, createAccountStage, DOMAIN } from '../support/account-stage.ts';
import { missingEjabberd } from '../support/ejabberd.ts';

const ALICE = 'alice@xmpp.test';
const ACTIVITY = 'application/activity+json';

const jpeg = async (background: string): Promise<string> => {
  const image = sharp({ create: { width: 300, height: 200, channels: 3, background } });
  return (await image.jpeg().toBuffer()).toString('base64');
};
const photo = (binval: string): string => `<PHOTO><TYPE>image/jpeg</TYPE><BINVAL>${binval}</BINVAL></PHOTO>`;

const SVG = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>').toString(
  'base64',
);
const DELETE_AVATAR =
  "<pubsub xmlns='http://jabber.org/protocol/pubsub#owner'><delete node='urn:xmpp:avatar:data'/></pubsub>";

const open = async (stage: AccountStage) => {
  await stage.start('open');
  await stage.ask('set');
  await stage.told('alice', 'Welcome');
  const id = (await findUserByJid(stage.db, ALICE))?.id ?? '';
  const setCard = (inner: string) => stage.set(`<vCard xmlns='vcard-temp'>${inner}</vCard>`);
  const say = async (body: string, told: string): Promise<string> => {
    stage.send('alice', { do: 'send', to: DOMAIN, body });
    return (await stage.told('alice', told)).body ?? '';
  };
  const actor = async (): Promise<unknown> => (await stage.get(`/u/${id}`, ACTIVITY)).json();
  const icon = async (): Promise<string> =>
    /media\/[0-9a-f]{32}\.png/u.exec(JSON.stringify(await actor()))?.[0] ?? '';
  return { setCard, say, actor, icon };
};

const publishing = (current: () => AccountStage) =>
  test('what a client wrote into its card is shown when the person says so, and no longer when hidden', async () => {
    const stage = current();
    const { setCard, say, actor, icon } = await open(stage);
    const card = '<FN>Alice Liddell</FN><DESC>I like bridges.</DESC>';
    expect(await setCard(`${card}${photo(await jpeg('red'))}`)).toContain('type="result"');
    expect(await actor()).toMatchObject({ name: 'alice' });
    expect(await icon()).toBe('');

    expect(await say('publish profile', 'Alice Liddell')).toContain('About you: I like bridges.');
    const red = await icon();
    expect(await actor()).toMatchObject({
      name: 'Alice Liddell',
      summary: expect.stringContaining('<p>I like bridges.</p>'),
      icon: { type: 'Image', mediaType: 'image/png', url: `https://${DOMAIN}/${red}` },
    });
    const served = await stage.get(`/${red}`);
    expect([served.status, served.headers.get('content-type')]).toEqual([200, 'image/png']);
    const read = sharp(Buffer.from(await served.arrayBuffer()));
    expect(await read.metadata()).toMatchObject({ format: 'png', width: 192, height: 192 });
    expect(await (await stage.get('/@alice', 'text/html')).text()).toContain(`/${red}"`);

    await setCard(`${card}${photo(await jpeg('blue'))}`);
    await say('publish picture', 'Alice Liddell');
    const blue = await icon();
    expect(blue).not.toBe(red);
    expect((await stage.get(`/${red}`)).status).toBe(404);
    await say('hide profile', 'Picture: –');
    expect(await actor()).toMatchObject({ name: 'alice' });
    expect(await icon()).toBe('');
    expect((await stage.get(`/${blue}`)).status).toBe(404);
  });

const lacking = (current: () => AccountStage) =>
  test('where there is nothing to show, the person is told what to do', async () => {
    const stage = current();
    const { setCard, say, actor, icon } = await open(stage);
    await setCard('<FN>Alice</FN>');
    expect(await say('publish picture', 'no picture')).toContain('make it public');
    await setCard(photo(SVG));
    expect(await say('publish picture', 'cannot be shown')).toContain('PNG');
    await setCard('');
    expect(await say('publish profile', 'vCard')).toContain('name Alice');
    expect(await actor()).toMatchObject({ name: 'alice' });
    expect(await icon()).toBe('');
  });

/** XEP-0084 4.1, for whoever the access model lets in (XEP-0060 4.5). */
const avatar = (data: string, access: 'open' | 'presence'): string => {
  const item = `<item id='${createHash('sha1').update(data).digest('hex')}'><data xmlns='urn:xmpp:avatar:data'>${data}</data></item>`;
  const fields = [
    ['FORM_TYPE', 'http://jabber.org/protocol/pubsub#publish-options'],
    ['pubsub#access_model', access],
  ].map(([name, value]) => `<field var='${name}'><value>${value}</value></field>`);
  const options = `<publish-options><x xmlns='jabber:x:data' type='submit'>${fields.join('')}</x></publish-options>`;
  return `<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='urn:xmpp:avatar:data'>${item}</publish>${options}</pubsub>`;
};

test('behind prosody an avatar of PEP is shown where everybody may see it, and else not', async () => {
  const stage = await createAccountStage('prosody');
  try {
    const { say, icon } = await open(stage);
    expect(await stage.set(avatar(await jpeg('red'), 'presence'))).toContain('type="result"');
    await say('publish picture', 'nothing was changed');
    expect(await icon()).toBe('');
    await stage.set(DELETE_AVATAR);
    expect(await stage.set(avatar(await jpeg('red'), 'open'))).toContain('type="result"');
    await say('publish picture', 'Picture: https');
    const served = await stage.get(`/${await icon()}`);
    expect(served.headers.get('content-type')).toBe('image/png');
  } finally {
    await stage.stop();
  }
}, 120_000);

test('where the server lets the gateway ask in the name of the user, one that is not public is found too', async () => {
  const stage = await createAccountStage('privileged prosody');
  try {
    const { say, icon } = await open(stage);
    expect(await stage.set(avatar(await jpeg('red'), 'presence'))).toContain('type="result"');
    await say('publish picture', 'Picture: https');
    expect((await stage.get(`/${await icon()}`)).headers.get('content-type')).toBe('image/png');
  } finally {
    await stage.stop();
  }
}, 120_000);

describe.each(['prosody', 'ejabberd'] as const)('behind %s', (kind) => {
  const missing = kind === 'ejabberd' ? missingEjabberd() : undefined;
  describe.skipIf(missing !== undefined)(missing ?? 'a card', () => {
    let stage: AccountStage;
    const current = (): AccountStage => stage;
    beforeAll(async () => {
      stage = await createAccountStage(kind);
    }, 120_000);
    afterAll(() => stage?.stop());
    afterEach(() => stage.clear());
    publishing(current);
    lacking(current);
  });
});
