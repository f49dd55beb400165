import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** What a peer says to a GET: a document, a status, or a function that does as it likes. */
export type Reply =
  | Readonly<Record<string, unknown>>
  | number
  | ((request: IncomingMessage, response: ServerResponse) => void);

export type HostilePeer = {
  /** With its port: the host part of its handles. */
  readonly host: string;
  readonly origin: string;
  /** Of all its actors. */
  readonly privateKey: KeyObject;
  readonly pem: string;
  /** Targets that were asked for, with their method. */
  readonly asked: string[];
  /** Bodies that were posted, oldest first. */
  readonly posted: { readonly target: string; readonly json: Readonly<Record<string, unknown>> }[];
  /** By path and query; wins over the actors. */
  readonly replies: Map<string, Reply>;
  /** Adds an actor with an inbox, a key and a WebFinger answer; its id. */
  readonly addActor: (name: string, more?: Readonly<Record<string, unknown>>) => string;
  /** The headers of a request signed as the actor of that name, or with a key id of one's own. */
  readonly signed: (request: SignedRequest) => Record<string, string>;
  readonly close: () => Promise<void>;
};

export type SignedRequest = {
  readonly by: string;
  readonly host: string;
  readonly target: string;
  readonly method?: 'get' | 'post';
  readonly body?: string;
  readonly keyId?: string;
  readonly names?: readonly string[];
  readonly date?: Date;
};

const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PEM = keys.publicKey.export({ type: 'spki', format: 'pem' }).toString();

const signRequest = (origin: string, request: SignedRequest): Record<string, string> => {
  const { by, host, target, method = 'post', body = '', date = new Date() } = request;
  const keyId = request.keyId ?? `${origin}/users/${by}#main-key`;
  const names =
    request.names ?? (method === 'get' ? ['host', 'date'] : ['host', 'date', 'digest', 'content-type']);
  const values: Record<string, string> = {
    host,
    date: date.toUTCString(),
    ...(method === 'get'
      ? {}
      : {
          digest: `SHA-256=${createHash('sha256').update(body).digest('base64')}`,
          'content-type': 'application/activity+json',
        }),
  };
  const text = [`(request-target): ${method} ${target}`, ...names.map((name) => `${name}: ${values[name]}`)];
  const signature = sign('sha256', Buffer.from(text.join('\n')), keys.privateKey).toString('base64');
  const header = `keyId="${keyId}",algorithm="rsa-sha256",headers="(request-target) ${names.join(' ')}",signature="${signature}"`;
  return { ...values, signature: header };
};

const answer = (response: ServerResponse, reply: Reply | undefined, request: IncomingMessage): void => {
  if (typeof reply === 'function') {
    reply(request, response);
    return;
  }
  if (reply === undefined || typeof reply === 'number') {
    response.writeHead(reply ?? 404).end();
    return;
  }
  const type = request.url?.startsWith('/.well-known/webfinger') ? 'jrd+json' : 'activity+json';
  response.writeHead(200, { 'content-type': `application/${type}` }).end(JSON.stringify(reply));
};

/**
 * A Fediverse server on loopback that speaks plain http and does only what the test tells it. `name` must mean this
 * machine.
 */
export const startHostilePeer = async (name = 'localhost'): Promise<HostilePeer> => {
  const asked: string[] = [];
  const posted: HostilePeer['posted'] = [];
  const replies = new Map<string, Reply>();
  const server = createServer((request, response) => {
    const target = request.url ?? '';
    asked.push(`${request.method} ${target}`);
    if (request.method !== 'POST' || replies.has(target)) {
      answer(response, replies.get(target), request);
      return;
    }
    const chunks: Uint8Array[] = [];
    request.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    request.on('end', () => {
      posted.push({ target, json: JSON.parse(Buffer.concat(chunks).toString('utf8')) });
      response.writeHead(202).end();
    });
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const host = `${name}:${address.port}`;
  const origin = `http://${host}`;
  return {
    host,
    origin,
    privateKey: keys.privateKey,
    pem: PEM,
    asked,
    posted,
    replies,
    addActor: (user, more = {}) => {
      const id = `${origin}/users/${user}`;
      replies.set(`/users/${user}`, {
        '@context': 'https://www.w3.org/ns/activitystreams',
        id,
        type: 'Person',
        preferredUsername: user,
        inbox: `${id}/inbox`,
        publicKey: { id: `${id}#main-key`, owner: id, publicKeyPem: PEM },
        ...more,
      });
      replies.set(`/.well-known/webfinger?resource=${encodeURIComponent(`acct:${user}@${host}`)}`, {
        subject: `acct:${user}@${host}`,
        links: [{ rel: 'self', type: 'application/activity+json', href: id }],
      });
      return id;
    },
    signed: (request) => signRequest(origin, request),
    close: async () => {
      const { promise: closed, resolve: done } = Promise.withResolvers<void>();
      server.close(() => done());
      server.closeAllConnections();
      await closed;
    },
  };
};
