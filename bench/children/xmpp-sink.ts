import { z } from 'zod';
import { serveQuestions } from '../serve.ts';
import { createTally } from '../sinks/tally.ts';
import { startXmppSink } from '../sinks/xmpp-sink.ts';

const tally = createTally(() => performance.now());

const start = async (): Promise<number> => (await startXmppSink(tally.add)).port;

const waitFor = async (input: unknown): Promise<number> => {
  const { count } = z.object({ count: z.number() }).parse(input);
  return await tally.waitFor(count);
};

serveQuestions(process, { start, waitFor });
