import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { findUserByJid } from '../../src/store/users.ts';
import { type AccountStage, createAccountStage, DOMAIN } from '../support/account-stage.ts';
import { missingEjabberd } from '../support/ejabberd.ts';

const ALICE = 'alice@xmpp.test';
const ACTIVITY = 'application/activity+json';

const photo = async (background: string): Promise<string> => {
  const image = sharp({ create: { width: 300, height: 200, channels: 3, background } });
  const binval = (await image.jpeg().toBuffer()).toString('base64');
  return `<PHOTO><TYPE>image/jpeg</TYPE><BINVAL>${binval}</BINVAL></PHOTO>`;
};

const open = async (stage: AccountStage) => {
  await stage.start('open');
  await stage.ask('set');
  await stage.told('alice', 'Welcome');
  const id = (await findUserByJid(stage.db, ALICE))?.id ?? '';
  const say = async (body: string, told: string): Promise<string> => {
    stage.send('alice', { do: 'send', to: DOMAIN, body });
    return (await stage.told('alice', told)).body ?? '';
  };
  const actor = async (): Promise<unknown> => (await stage.get(`/u/${id}`, ACTIVITY)).json();
  const icon = async (): Promise<string> =>
    /media\/[0-9a-f]{32}\.png/u.exec(JSON.stringify(await actor()))?.[0] ?? '';
  return { say, actor, icon };
};

const publishing = (current: () => AccountStage) =>
  test('what a client wrote into its card is shown when the person says so, and no longer when hidden', async () => {
    const stage = current();
    const { say, actor, icon } = await open(stage);
    const card = '<FN>Alice Liddell</FN><DESC>I like bridges.</DESC>';
    expect(await stage.setCard(`${card}${await photo('red')}`)).toContain('type="result"');
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

    await stage.setCard(`${card}${await photo('blue')}`);
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
    const { say, actor } = await open(stage);
    await stage.setCard('<FN>Alice</FN>');
    expect(await say('publish picture', 'no picture')).toContain('make it public');
    await stage.setCard('');
    expect(await say('publish profile', 'vCard')).toContain('name Alice');
    expect(await actor()).toMatchObject({ name: 'alice' });
  });

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
