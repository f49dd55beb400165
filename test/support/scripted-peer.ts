import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage } from 'node:http';

import { text } from 'node:stream/consumers';
import { createEventLog, type EventLog } from './event-log.ts';
import { ACTIVITY_JSON, giveAnswer, type PeerAnswer, status } from './peer-answers.ts';
import { postSigned } from './signed-post.ts';

/** One POST that reached the peer, however it was answered. */
export type PeerPost = {
  readonly path: string;
  readonly activityId: string;
  readonly type: string;
  readonly actor: string;
  /** `source.content` of the object: what the sender wrote. */
  readonly text: string | undefined;
  readonly objectId: string | undefined;
  /** Milliseconds of the monotonic clock. */
  readonly at: number;
  /** How often this activity id had come before. */
  readonly before: number;
  /** Whether the answer was a 2xx: then the peer has it. */
  readonly accepted: boolean;
};

export type PeerGet = { readonly path: string; readonly at: number };

export type ScriptedPeer = {
  /** `name:port`, the host of its handles. */
  readonly host: string;
  readonly port: number;
  readonly posts: EventLog<PeerPost>;
  readonly gets: EventLog<PeerGet>;
  actorId(user: string): string;
  /** The localpart of the user's JID below the gateway. */
  localpart(user: string): string;
  /** From now on each POST is answered so; undefined: 202. */
  answerPosts(answer: ((post: Omit<PeerPost, 'accepted'>) => PeerAnswer) | undefined): void;
  /** From now on GETs for which this gives an answer get that one. */
  answerGets(answer: ((path: string) => PeerAnswer | undefined) | undefined): void;
  /** Signs as the user and posts to an inbox of the gateway, once. Rejects where nobody answers. */
  post(
    user: string,
    activity: Activity,
    to: { readonly inbox: string; readonly port: number },
  ): Promise<number>;
  stop(): Promise<void>;
};

export type Activity = { readonly id: string } & Readonly<Record<string, unknown>>;

/**
 * A Fediverse server for tests on plain HTTP: every user name exists, every POST is written down and answered by
 * a script. `name` must mean this machine.
 */
export const startScriptedPeer = async (name: string): Promise<ScriptedPeer> => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const posts = createEventLog<PeerPost>();
  const gets = createEventLog<PeerGet>();
  const script: Script = { post: undefined, get: undefined };
  let host = '';
  const server = createServer((request, response) => {
    const answering =
      request.method === 'POST'
        ? receive({ script, posts }, request)
        : Promise.resolve(serve({ script, gets, host, pem }, request));
    answering.then(
      (answer) => giveAnswer(response, answer),
      () => response.destroy(),
    );
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  host = `${name}:${port}`;
  const actorId = (user: string): string => `http://${host}/u/${user}`;
  return {
    host,
    port,
    posts,
    gets,
    actorId,
    localpart: (user) => `${user}%${name}\\3a${port}`,
    answerPosts: (answer) => {
      script.post = answer;
    },
    answerGets: (answer) => {
      script.get = answer;
    },
    post: (user, activity, to) =>
      postSigned({
        url: to.inbox,
        port: to.port,
        body: JSON.stringify(activity),
        keyId: `${actorId(user)}#main-key`,
        key: privateKey satisfies KeyObject,
        now: new Date(),
        agent,
      }),
    stop: async () => {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

type Script = {
  post: ((post: Omit<PeerPost, 'accepted'>) => PeerAnswer) | undefined;
  get: ((path: string) => PeerAnswer | undefined) | undefined;
};

const receive = async (
  { script, posts }: { readonly script: Script; readonly posts: EventLog<PeerPost> },
  request: IncomingMessage,
): Promise<PeerAnswer> => {
  const seen = readPost(request.url ?? '/', await text(request), posts.entries);
  const answer = script.post?.(seen) ?? status(202);
  posts.add({ ...seen, accepted: 'status' in answer && answer.status >= 200 && answer.status < 300 });
  return answer;
};

type Sent = {
  readonly id: string;
  readonly type: string;
  readonly actor: string;
  readonly object?: { readonly id?: string; readonly source?: { readonly content?: string } } | string;
};

/** The gateway is ours, so what it posts is what it renders. */
const readPost = (path: string, body: string, before: readonly PeerPost[]): Omit<PeerPost, 'accepted'> => {
  const { id, type, actor, object }: Sent = JSON.parse(body);
  const inner = typeof object === 'object' ? object : undefined;
  return {
    path,
    activityId: id,
    type,
    actor,
    text: inner?.source?.content,
    objectId: typeof object === 'string' ? object : inner?.id,
    at: performance.now(),
    before: before.filter(({ activityId }) => activityId === id).length,
  };
};

type Serving = {
  readonly script: Script;
  readonly gets: EventLog<PeerGet>;
  readonly host: string;
  readonly pem: string;
};

const serve = ({ script, gets, host, pem }: Serving, request: IncomingMessage): PeerAnswer => {
  const path = request.url ?? '/';
  gets.add({ path, at: performance.now() });
  const scripted = script.get?.(path);
  if (scripted !== undefined) return scripted;
  const url = new URL(path, `http://${host}`);
  if (url.pathname === '/.well-known/webfinger') {
    const user = /^acct:([^@]{1,64})@/u.exec(url.searchParams.get('resource') ?? '')?.[1];
    return user === undefined ? status(404) : json('application/jrd+json', finger(host, user));
  }
  const user = /^\/u\/([^/]{1,64})$/u.exec(url.pathname)?.[1];
  return user === undefined ? status(404) : json(ACTIVITY_JSON, actor(host, user, pem));
};

const json = (type: string, value: unknown): PeerAnswer => ({
  kind: 'status',
  status: 200,
  headers: { 'content-type': type },
  body: JSON.stringify(value),
});

const finger = (host: string, user: string) => ({
  subject: `acct:${user}@${host}`,
  links: [{ rel: 'self', type: ACTIVITY_JSON, href: `http://${host}/u/${user}` }],
});

const actor = (host: string, user: string, pem: string) => {
  const id = `http://${host}/u/${user}`;
  return {
    '@context': 'https://www.w3.org/ns/activitystreams',
    id,
    type: 'Person',
    preferredUsername: user,
    inbox: `${id}/inbox`,
    endpoints: { sharedInbox: `http://${host}/inbox` },
    publicKey: { id: `${id}#main-key`, owner: id, publicKeyPem: pem },
  };
};
