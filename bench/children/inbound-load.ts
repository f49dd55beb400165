import { z } from 'zod';
import { openRawConnection } from '../raw-http.ts';
import { serveQuestions } from '../serve.ts';
import { readPrivateKey, renderCreate, renderSignedRequest } from '../signed-notes.ts';

/** Signatures in the making at once: the RSA work runs on Node's four threads. */
const SIGNED_AT_ONCE = 32;

const requests: Buffer[] = [];

/** Makes `count` requests, each of another Note, the authors in turn. */
const prepare = async (input: unknown): Promise<number> => {
  const { authors, recipient, inbox, privateKey, count } = z
    .object({
      authors: z.array(z.string()).min(1),
      recipient: z.string(),
      inbox: z.string(),
      privateKey: z.string(),
      count: z.number(),
    })
    .parse(input);
  const key = readPrivateKey(privateKey);
  const now = new Date();
  const make = async (n: number): Promise<Buffer> => {
    const who = { author: authors[n % authors.length] ?? '', recipient, inbox };
    return await renderSignedRequest(who, renderCreate(who, `${now.getTime()}${n}`, now), key, now);
  };
  while (requests.length < count) {
    const first = requests.length;
    const length = Math.min(SIGNED_AT_ONCE, count - first);
    requests.push(...(await Promise.all(Array.from({ length }, (_, n) => make(first + n)))));
  }
  return requests.length;
};

/** Posts some of them over so many connections; the answer is the time from first to last, in seconds. */
const run = async (input: unknown): Promise<number> => {
  const { port, from, count, connections } = z
    .object({ port: z.number(), from: z.number(), count: z.number(), connections: z.number() })
    .parse(input);
  const open = await Promise.all(Array.from({ length: connections }, () => openRawConnection(port)));
  let next = from;
  const begun = performance.now();
  await Promise.all(
    open.map(async ({ post }) => {
      while (next < from + count) {
        const request = requests[next];
        next += 1;
        if (request === undefined) throw new Error('not so many were prepared');
        await post(request);
      }
    }),
  );
  const seconds = (performance.now() - begun) / 1_000;
  for (const { close } of open) close();
  return seconds;
};

serveQuestions(process, { prepare, run });
