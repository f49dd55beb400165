import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { saveFollow } from '../../src/store/follows.ts';
import { saveHandle } from '../../src/store/handles.ts';
import { saveActor } from '../../src/store/remote-actors.ts';
import { findUserByJid } from '../../src/store/users.ts';
import { type AccountStage, createAccountStage, DOMAIN } from '../support/account-stage.ts';
import { missingEjabberd } from '../support/ejabberd.ts';
import { remoteActor } from '../support/gateway.ts';

const ALICE = 'alice@xmpp.test';
const BOB = `bob%social.example@${DOMAIN}`;

const opening = (current: () => AccountStage) =>
  test('open: registered at once, and the contacts go with who leaves', async () => {
    const stage = current();
    await stage.start('open');
    expect(await stage.ask('get')).not.toContain(':registered');
    expect(await stage.ask('set')).toContain('type="result"');
    await stage.told('alice', 'Welcome');
    expect(await stage.ask('get')).toMatch(/:registered ?\/>.*@alice@ap\.test/u);
    const bob = remoteActor('bob');
    await saveActor(stage.db, bob);
    await saveHandle(stage.db, bob.handle, bob.id);
    const userId = (await findUserByJid(stage.db, ALICE))?.id ?? '';
    const follow = { userId, actorId: bob.id, state: 'accepted', followId: 'f' } as const;
    await saveFollow(stage.db, { ...follow, direction: 'out' });
    stage.send('alice', { do: 'presence', to: BOB, type: 'subscribe' });
    await stage.saidBy(BOB, 'subscribed');
    expect(await stage.ask('set', '<remove/>')).toContain('type="result"');
    await stage.saidBy(BOB, 'unsubscribed');
    expect(await findUserByJid(stage.db, ALICE)).toBeUndefined();
    expect(await stage.ask('set', '<remove/>')).toContain('registration-required');
    expect(await stage.ask('set')).toContain('type="result"');
    await stage.told('alice', 'Welcome');
    expect((await findUserByJid(stage.db, ALICE))?.id).not.toBe(userId);
  });

const requesting = (current: () => AccountStage) =>
  test('request: an administrator decides with a message', async () => {
    const stage = current();
    await stage.start('request');
    expect(await stage.ask('set')).toContain('type="result"');
    await stage.told('root', `approve ${ALICE}`);
    expect(await stage.ask('get')).toContain('Your request is with');
    stage.send('root', { do: 'send', to: DOMAIN, body: `refuse ${ALICE}` });
    await stage.told('alice', 'was not granted');
    expect(await stage.ask('set')).toContain('type="result"');
    await stage.told('root', `approve ${ALICE}`);
    stage.send('root', { do: 'send', to: DOMAIN, body: `approve ${ALICE}` });
    await stage.told('alice', 'Welcome');
    expect(await stage.ask('get')).toMatch(/:registered ?\/>/u);
  });

const refusing = (current: () => AccountStage) =>
  test('closed: refused with a sentence', async () => {
    const stage = current();
    await stage.start('closed');
    expect(await stage.ask('get')).toContain('not-allowed');
    expect(await stage.ask('set')).toMatch(/not-allowed.*ask its administrator/u);
    expect(await findUserByJid(stage.db, ALICE)).toBeUndefined();
  });

describe.each(['prosody', 'ejabberd'] as const)('behind %s', (kind) => {
  const missing = kind === 'ejabberd' ? missingEjabberd() : undefined;
  describe.skipIf(missing !== undefined)(missing ?? 'an account', () => {
    let stage: AccountStage;
    const current = (): AccountStage => stage;
    beforeAll(async () => {
      stage = await createAccountStage(kind);
    }, 120_000);
    afterAll(() => stage?.stop());
    afterEach(() => stage.clear());
    opening(current);
    requesting(current);
    refusing(current);
  });
});
