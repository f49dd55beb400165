import { Agent, type Dispatcher } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAgent, type ResolveHost } from '../../src/activitypub/agent.ts';
import { createGetJson } from '../../src/activitypub/fetch.ts';
import { createGetPicture } from '../../src/activitypub/fetch-picture.ts';
import { makeKey } from './support/keys.ts';
import { type Peer, startPeer } from './support/peer.ts';

/** Where the public server sends us. */
let location = '';
let stage: Peer;
/** Whom nobody may reach. */
let victim: Peer;
let open: Agent;
beforeAll(async () => {
  stage = await startPeer((_, response) => response.writeHead(302, { location }).end());
  victim = await startPeer((_, response) => response.end());
  open = new Agent();
});
afterAll(async () => {
  await open.destroy();
  await stage.close();
  await victim.close();
});

const resolve: ResolveHost = async () => [{ address: '127.0.0.1', family: 4 }];

/** Sends what is for the public server to the stage, and all else the way of the gateway. */
const playPublic = (publicOrigin: string, allowPrivate: boolean): Agent => {
  const real = createAgent({ allowPrivate, resolve });
  const dispatch = real.dispatch.bind(real);
  real.dispatch = (options: Dispatcher.DispatchOptions, handler) =>
    String(options.origin) === publicOrigin
      ? open.dispatch({ ...options, origin: stage.origin }, handler)
      : dispatch(options, handler);
  return real;
};

const key = makeKey('https://ap.example/actor#main-key');

/** What the public server at `https://public.example` leads to, and whether anybody connected to the victim. */
const follow = async (to: string, allowPrivate = false) => {
  const { port } = new URL(victim.origin);
  location = to.replace('PORT', port);
  // A redirect may lead to the port of the peer: so it is the victim's.
  const origin = `https://public.example:${port}`;
  const agent = playPublic(origin, allowPrivate);
  const deps = { agent, allowPrivate, sign: async () => key, now: () => new Date() };
  const before = { asked: stage.requests.length, reached: victim.connections() };
  const outcomes = [
    await createGetJson(deps)(`${origin}/u`),
    await createGetJson(deps)(`${origin}/u`, 'application/jrd+json'),
    await createGetPicture(deps)(`${origin}/u.png`),
  ];
  await agent.destroy();
  expect(stage.requests.length - before.asked).toBe(outcomes.length);
  const reasons = outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.refusal.reason));
  return { reasons: [...new Set(reasons)], reached: victim.connections() > before.reached };
};

describe('a redirect of a public server to this machine', () => {
  test.each([
    'https://127.0.0.1:PORT/',
    'https://2130706433:PORT/',
    'https://0x7f.1:PORT/',
    'https://0177.0.0.1:PORT/',
    'https://[::1]:PORT/',
    'https://[::ffff:127.0.0.1]:PORT/',
    'https://[64:ff9b::7f00:1]:PORT/',
    'https://localhost:PORT/',
    'https://localhost.:PORT/',
    'https://rebound.example:PORT/',
    'https://a:b@rebound.example:PORT/',
    '//rebound.example:PORT/',
    'https://169.254.169.254/latest/meta-data/',
  ])('%s is followed by nobody', async (to) => {
    expect(await follow(to)).toEqual({ reasons: ['policy'], reached: false });
  });

  test.each(['http://rebound.example:PORT/', 'https://rebound.example:6379/', 'https://rebound.example:22/'])(
    '%s is no place to be sent to',
    async (to) => {
      expect(await follow(to)).toEqual({ reasons: ['host-unreachable'], reached: false });
    },
  );

  test.each(['https://127.0.0.1:PORT/', 'https://localhost:PORT/', 'https://rebound.example:PORT/'])(
    '%s leads there with the development switch on',
    async (to) => {
      expect(await follow(to, true)).toEqual({ reasons: ['host-unreachable'], reached: true });
    },
  );
});
