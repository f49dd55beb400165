import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { accountsOf } from '../../src/gateway/accounts.ts';
import { carryMessage } from '../../src/gateway/from-xmpp.ts';
import { findUserByJid } from '../../src/store/users.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import {
  ALICE,
  chatMessage,
  createTestGateway,
  emptyTables,
  GATEWAY,
  takeStanzas,
} from '../support/gateway.ts';

const ADMIN = 'root@xmpp.example';
const ADMIN_ELSEWHERE = 'root@elsewhere.example';
let base: TestDatabase;
beforeAll(async () => {
  base = await createTestDatabase();
});
beforeEach(() => emptyTables(base.db));
afterAll(() => base.drop());

const open = (registration: 'open' | 'request' | 'closed', admins: readonly string[] = [ADMIN]) => {
  const { ports } = createTestGateway(base.db, {
    admins,
    rules: { homeDomains: ['xmpp.example'], allowedDomains: [], registration },
  });
  /** What each command is answered, and who else is told what. */
  const say = async (body: string, from = ALICE): Promise<string> => {
    await carryMessage(ports, chatMessage(GATEWAY, { body, from: `${from}/phone` }));
    const told = await takeStanzas(base.db);
    return told.map((stanza) => `${stanza.to}: ${'body' in stanza ? stanza.body : stanza.kind}`).join('\n');
  };
  return { accounts: accountsOf(ports), say };
};

const userId = async (): Promise<string | undefined> => (await findUserByJid(base.db, ALICE))?.id;

describe('open', () => {
  test('a wish is enough, a second one changes nothing, and who left comes back as somebody new', async () => {
    const { accounts, say } = open('open');
    expect(await accounts.look(ALICE)).toMatchObject({ ok: true, value: { isRegistered: false } });
    expect(await accounts.register(ALICE)).toMatchObject({ ok: true, value: { state: 'registered' } });
    const first = await userId();
    expect(await say('register')).toMatch(/Welcome(.|\n)*You are registered.*@alice@ap\.example/u);
    expect(await userId()).toBe(first);
    expect(await accounts.look(ALICE)).toMatchObject({
      value: { isRegistered: true, text: expect.stringContaining('@alice@ap.example') },
    });
    expect(await say('leave')).toContain('leave yes');
    expect(await userId()).toBe(first);
    expect(await say('leave yes')).toContain('You have left');
    expect(await userId()).toBeUndefined();
    expect(await say('leave yes')).toContain('not registered');
    expect(await accounts.remove(ALICE)).toMatchObject({ refusal: { reason: 'not-registered' } });
    await accounts.register(ALICE);
    expect(await userId()).toEqual(expect.not.stringMatching(`^${first}$`));
  });

  test('another domain is refused, and no command is for it', async () => {
    const { accounts, say } = open('open');
    const stranger = 'eve@elsewhere.example';
    for (const answer of [accounts.look, accounts.register])
      expect(await answer(stranger)).toMatchObject({ refusal: { reason: 'domain-not-allowed' } });
    expect(await say('register', stranger)).toContain('This is ap.example');
    expect(await findUserByJid(base.db, stranger)).toBeUndefined();
  });
});

describe('request', () => {
  test('an administrator is told once, and lets the user in', async () => {
    const { accounts, say } = open('request');
    expect(await accounts.register(ALICE)).toMatchObject({ ok: true, value: { state: 'waiting' } });
    expect(await say('register')).toMatch(
      /^root@xmpp\.example: alice@xmpp\.example asks.*\nalice@xmpp\.example\/phone: Your request is with[^\n]*$/u,
    );
    expect(await userId()).toBeUndefined();
    expect(await say(`approve ${ALICE}`)).not.toContain('registered now');
    expect(await userId()).toBeUndefined();
    expect(await say('requests', ADMIN)).toContain(ALICE);
    expect(await say(`approve ${ALICE}`, ADMIN)).toMatch(
      /alice@xmpp\.example: Welcome(.|\n)*registered now/u,
    );
    expect(await userId()).toBeDefined();
    expect(await say('requests', ADMIN)).toContain('Nobody waits');
    expect(await say(`approve ${ALICE}`, ADMIN)).toContain('already');
  });

  test('an administrator refuses, and nobody is let in who did not ask', async () => {
    const { accounts, say } = open('request');
    await accounts.register(ALICE);
    expect(await say(`refuse xmpp:${ALICE}`, ADMIN)).toMatch(
      /alice@xmpp\.example: Your request(.|\n)*is refused/u,
    );
    expect(await say(`refuse ${ALICE}`, ADMIN)).toContain('has not asked');
    expect(await say(`approve ${ALICE}`, ADMIN)).toContain('has not asked');
    expect(await say('approve nobody', ADMIN)).toContain('Please write an XMPP address');
    expect(await userId()).toBeUndefined();
  });

  test('an administrator of another domain decides, and gets no account', async () => {
    const { accounts, say } = open('request', [ADMIN_ELSEWHERE]);
    await accounts.register(ALICE);
    expect(await say(`approve ${ALICE}`, ADMIN_ELSEWHERE)).toContain('registered now');
    expect(await userId()).toBeDefined();
    expect(await say('register', ADMIN_ELSEWHERE)).toContain('not open to users');
    expect(await findUserByJid(base.db, ADMIN_ELSEWHERE)).toBeUndefined();
  });

  test('a request is taken back by leaving', async () => {
    const { accounts } = open('request');
    await accounts.register(ALICE);
    expect(await accounts.remove(ALICE)).toMatchObject({ ok: true });
    expect(await accounts.look(ALICE)).toMatchObject({ value: { isRegistered: false } });
  });
});

test('closed: only an administrator lets in', async () => {
  const { accounts, say } = open('closed');
  for (const answer of [accounts.look, accounts.register])
    expect(await answer(ALICE)).toMatchObject({ refusal: { reason: 'registration-closed' } });
  expect(await say('register')).toContain('ask its administrator');
  expect(await say('approve eve@elsewhere.example', ADMIN)).toContain('not open to users');
  expect(await say(`approve ${ALICE}`, ADMIN)).toContain('registered now');
  expect(await userId()).toBeDefined();
});

test('help lists what the asker may do', async () => {
  const { say } = open('open');
  expect(await say('help')).toMatch(/bob%mastodon\.example(.|\n)*leave –/u);
  expect(await say('help')).not.toContain('approve');
  expect(await say('hello?', ADMIN)).toContain('approve <address>');
});
