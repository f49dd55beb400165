import { createHash, type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { Agent } from 'undici';
import { z } from 'zod';
import { serveQuestions } from '../serve.ts';
import { readPrivateKey } from '../signed-notes.ts';

// The least that a delivery can do: SHA-256, one RSA signature (on Node's threads, the key parsed once), one
// POST by undici. Nothing is stored, no address is checked.

const signAsync = promisify(sign);
const agent = new Agent({ connections: 8 });

const runInput = z.object({
  origins: z.array(z.string()).min(1),
  bodies: z.array(z.string()).min(1),
  count: z.number(),
  inFlight: z.number(),
});

const deliver = async (key: KeyObject, inbox: string, body: string): Promise<void> => {
  const url = new URL(inbox);
  const date = new Date().toUTCString();
  const digest = `SHA-256=${createHash('sha256').update(body).digest('base64')}`;
  const base = `(request-target): post ${url.pathname}\nhost: ${url.host}\ndate: ${date}\ndigest: ${digest}`;
  const signature = (await signAsync('sha256', Buffer.from(base), key)).toString('base64');
  const response = await agent.request({
    origin: url.origin,
    path: url.pathname,
    method: 'POST',
    headers: {
      host: url.host,
      date,
      digest,
      'content-type': 'application/activity+json',
      signature: `keyId="https://floor.test/actor#main-key",algorithm="rsa-sha256",headers="(request-target) host date digest",signature="${signature}"`,
    },
    body,
  });
  await response.body.dump();
  if (response.statusCode !== 202) throw new Error(`answered ${response.statusCode}`);
};

let key: KeyObject | undefined;

const start = async (input: unknown): Promise<void> => {
  key = readPrivateKey(z.object({ privateKey: z.string() }).parse(input).privateKey);
};

/** Resolves once all are answered. */
const run = async (input: unknown): Promise<void> => {
  const { origins, bodies, count, inFlight } = runInput.parse(input);
  const privateKey = key;
  if (privateKey === undefined) throw new Error('not started');
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count) {
      const n = next;
      next += 1;
      const inbox = `${origins[n % origins.length] ?? ''}/users/p${n}/inbox`;
      await deliver(privateKey, inbox, bodies[n % bodies.length] ?? '');
    }
  };
  await Promise.all(Array.from({ length: inFlight }, work));
};

serveQuestions(process, { start, run }, () => agent.destroy());
