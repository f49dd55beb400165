import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import type { AcceptedActivity } from '../../src/activitypub/inbox-gate.ts';
import { peekActivity } from '../../src/activitypub/parse.ts';
import { parseJson } from '../../src/activitypub/parse-json.ts';
import type {
  ServerLogFields,
  ServerPorts,
  ServerSettings,
  UserQuery,
} from '../../src/activitypub/routes/ports.ts';
import { createHttpServer, SERVER_FIGURES, type ServerFigures } from '../../src/activitypub/server.ts';
import type { OutgoingNote } from '../../src/bridge/activity.ts';
import type { LocalActor } from '../../src/bridge/actor.ts';
import { urlsOf } from '../../src/bridge/urls.ts';
import { parseResource } from '../../src/bridge/webfinger-resource.ts';

export const DOMAIN = 'ap.example';
export const urls = urlsOf('https://ap.example');
export const BOB = 'https://remote.example/users/bob';
export const ACTIVITY_TYPE = 'application/activity+json';

export const alice: LocalActor = {
  id: 'alice1',
  jid: 'alice@xmpp.example',
  name: 'alice',
  displayName: 'Alice',
  state: 'active',
  createdAt: '2026-11-21T00:00:00.000Z',
};

export const note: OutgoingNote = {
  type: 'Note',
  id: urls.note('note1'),
  attributedTo: urls.actor('alice1'),
  to: [BOB],
  cc: [],
  published: '2026-11-21T10:00:00.000Z',
  content: '<p>hi &amp; welcome</p>',
  source: 'hi & welcome',
  language: 'en',
  inReplyTo: 'https://remote.example/notes/1',
  context: urls.conversation('c1'),
  conversation: urls.conversation('c1'),
  mentions: [{ href: BOB, name: '@bob@remote.example' }],
};

/** A follow of Alice by Bob, at his host. */
export const follow = {
  '@context': 'https://www.w3.org/ns/activitystreams',
  id: 'https://remote.example/follows/1',
  type: 'Follow',
  actor: BOB,
  object: urls.actor('alice1'),
};

/** Whether a query means the user with this id and name, who has that local part at each of two domains. */
const names = (query: UserQuery, id: string, name: string): boolean => {
  const jids = [`${name}@xmpp.example`, `${name}@ab.example`];
  switch (query.kind) {
    case 'user-id':
      return query.id === id;
    case 'name':
      return query.name === name || query.jids.some((jid) => jids.includes(jid));
    case 'jid':
      return jids.includes(query.jid);
  }
};

/** Ports over one user who is here, one who left, and what a request says of itself in plain words. */
export const createPorts = (changes: Partial<ServerPorts> = {}) => {
  const accepted: AcceptedActivity[] = [];
  const logged: (readonly [string, ServerLogFields])[] = [];
  const answered: number[] = [];
  let authentications = 0;
  const ports: ServerPorts = {
    parseJson,
    peekActivity,
    // A signature here is the actor's own word: `Signature: <actor>`.
    authenticate: async ({ headers }) => {
      authentications += 1;
      const actor = headers.find(([name]) => name === 'signature')?.[1];
      if (actor === undefined) return { ok: false, status: 401, problem: 'no signature' };
      if (actor === 'bad') return { ok: false, status: 401, problem: 'secret detail' };
      if (actor === 'later') return { ok: false, status: 503, problem: 'key host is away' };
      return { ok: true, signer: { actor, keyId: `${actor}#main-key` } };
    },
    recipientState: async (id) => ({ alice1: 'active' as const, gone1: 'left' as const })[id],
    knowsActor: async (actor) => actor === BOB,
    isHostBlocked: async (host) => host === 'blocked.example',
    acceptActivity: async (activity) => {
      accepted.push(activity);
    },
    findUser: async (query) => {
      if (names(query, 'gone1', 'gone')) return { state: 'left' };
      if (!names(query, 'alice1', 'alice')) return undefined;
      return { state: 'active', actor: alice, publicPem: PEM };
    },
    parseResource: (resource) => parseResource(resource, { domain: DOMAIN, origin: urls.origin }),
    instancePem: async () => PEM,
    findFollow: async (id) => (id === urls.follow('follow1') ? { userId: 'alice1', object: BOB } : undefined),
    findNote: async (id) => {
      if (id === 'note1') return { note, audience: [BOB], deleted: false };
      if (id === 'expired1') return { note: null, audience: [BOB], deleted: false };
      if (id === 'deleted1') return { note: null, audience: [BOB], deleted: true };
      return undefined;
    },
    findPicture: async (name) => (name === 'picture1' ? Buffer.from('png') : undefined),
    usage: async () => ({ total: 3, activeMonth: 2, activeHalfyear: 3 }),
    countInboxAnswer: (status) => answered.push(status),
    readiness: () => ({ ready: true, reasons: [] }),
    isDatabaseAway: (error) => error instanceof Error && error.message === 'database is away',
    pages: {
      contentSecurityPolicy: "default-src 'none'",
      landing: () => '<p>landing</p>',
      profile: ({ name }) => `<p>profile of ${name}</p>`,
      message: (title) => `<p>${title}</p>`,
    },
    log: {
      debug: (event, fields) => logged.push([event, fields]),
      error: (event, fields) => logged.push([event, fields]),
    },
    ...changes,
  };
  return { ports, accepted, answered, logged, authentications: () => authentications };
};

export type Answer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
};

export type Ask = (
  target: string,
  options?: {
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string | Uint8Array;
  },
) => Promise<Answer>;

export const SETTINGS: ServerSettings = {
  domain: DOMAIN,
  urls,
  version: '0.1.0',
  trustedProxies: ['loopback'],
  inboxPerMinute: 0,
  signedFetchRequired: false,
};

/** A listening server on a free port, and a client that sends targets and headers as they are given. */
export const startServer = async (
  ports: ServerPorts,
  changes: Partial<ServerSettings> = {},
  figures: Partial<ServerFigures> = {},
) => {
  const server = createHttpServer(ports, { ...SETTINGS, ...changes }, { ...SERVER_FIGURES, ...figures });
  const { port } = await server.listen('127.0.0.1:0');
  const ask: Ask = (target, { method = 'GET', headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      const request = httpRequest(
        { host: '127.0.0.1', port, path: target, method, headers, agent: false },
        (response) => {
          const chunks: Uint8Array[] = [];
          response.on('data', (chunk: Uint8Array) => chunks.push(chunk));
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              text: Buffer.concat(chunks).toString('utf8'),
            }),
          );
        },
      );
      request.on('error', reject).end(body);
    });
  /** Posts an activity as its own actor would. */
  const post = (target: string, json: unknown, headers: Readonly<Record<string, string>> = {}) =>
    ask(target, {
      method: 'POST',
      headers: { 'Content-Type': ACTIVITY_TYPE, Signature: BOB, ...headers },
      body: typeof json === 'string' ? json : JSON.stringify(json),
    });
  return { ask, post, close: server.close, port };
};

/** An RSA-2048 public key that belongs to nobody. */
export const PEM = `-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA1RrrGQ5MvDYQcvui/Ebn
U151ni0Ad1I98/EeAQ4a//w/X1SLssebacLC25WMsFzAYjEWcrq6RHLGaAgPnlSK
hva55+dgq69GJFe9zE1LU4qXWP9+xVuvor58uy76xd8++CVMTx0NGNu8AkGWkvc7
P1zCGDQM1yzVugJxeJKX8d1Vvk8ntfIjWGwrfU8vC1h3H+DO8Wbw11ZOQMz+iCbN
Ejli2WrQNEOPvNFSZVZ72Ekbgsahw5EyU0QW7dp4kS6tE0m8a9isfAyQ3XZv5Dhu
5c1mOLYIfU6V+pGEcX5rX+0/oaJlFmVAD+xe5MupELvmuNsC/1cSb3RL2TD6Sh+N
OQIDAQAB
-----END PUBLIC KEY-----
`;
