import { createHash } from 'node:crypto';
import { Agent, request } from 'node:http';
import { z } from 'zod';
import { serveQuestions } from '../serve.ts';

type Bad = { readonly headers: Readonly<Record<string, string>>; readonly body: string };

const TYPE = 'application/activity+json';

const digestOf = (body: string): string => `SHA-256=${createHash('sha256').update(body).digest('base64')}`;

/** Formally right up to the signature itself, which is 256 bytes of nothing. */
const signatureOf = (keyId: string): string =>
  `keyId="${keyId}",algorithm="rsa-sha256",headers="(request-target) host date digest content-type",signature="${Buffer.alloc(256, 7).toString('base64')}"`;

const createOf = (actor: string, n: number): string =>
  JSON.stringify({
    id: `${actor}/statuses/${n}/activity`,
    type: 'Create',
    actor,
    object: { id: `${actor}/statuses/${n}`, type: 'Note', attributedTo: actor, content: 'x'.repeat(2_000) },
  });

const signed = (actor: string, n: number): Bad => {
  const body = createOf(actor, n);
  return {
    body,
    headers: {
      date: new Date().toUTCString(),
      digest: digestOf(body),
      'content-type': TYPE,
      signature: signatureOf(`${actor}#main-key`),
    },
  };
};

/** What is wrong, in turn: no signature, one that says nothing, one by nobody, one that is forged, no JSON, depth. */
const KINDS: readonly ((known: string, n: number) => Bad)[] = [
  (known, n) => ({ body: createOf(known, n), headers: { 'content-type': TYPE } }),
  (known, n) => ({
    body: createOf(known, n),
    headers: { 'content-type': TYPE, signature: '"'.repeat(4_000) },
  }),
  (_, n) => signed(`https://nobody${n % 20}.test/users/x`, n),
  (known, n) => signed(known, n),
  (_, n) => ({ body: '{'.repeat(1_000 + (n % 7)), headers: { 'content-type': TYPE } }),
  (_, n) => ({ body: `${'['.repeat(50_000 + (n % 7))}`, headers: { 'content-type': TYPE } }),
];

const post = (agent: Agent, port: number, host: string, { headers, body }: Bad): Promise<number> => {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const options = { agent, port, host: '127.0.0.1', path: '/inbox', method: 'POST' };
  const sending = request({ ...options, headers: { host, ...headers } }, (response) => {
    response.resume().on('end', () => resolve(response.statusCode ?? 0));
  });
  sending.on('error', reject).end(body);
  return promise;
};

/** Posts so many bad requests over so many connections, as fast as they are answered; how often each status came. */
const pour = async (input: unknown): Promise<Record<string, number>> => {
  const { port, host, known, count, connections } = z
    .object({
      port: z.number(),
      host: z.string(),
      known: z.string(),
      count: z.number(),
      connections: z.number(),
    })
    .parse(input);
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const statuses: Record<string, number> = {};
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count) {
      const n = next;
      next += 1;
      const bad = KINDS[n % KINDS.length]?.(known, n);
      if (bad === undefined) throw new RangeError('no such kind');
      const status = await post(agent, port, host, bad).catch(() => 0);
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, work));
  agent.destroy();
  return statuses;
};

serveQuestions(process, { pour });
