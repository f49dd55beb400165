import { z } from 'zod';
import { serveQuestions } from '../serve.ts';
import { startHttpSink } from '../sinks/http-sink.ts';
import { createTally } from '../sinks/tally.ts';

const tally = createTally(() => performance.now());

const start = async (input: unknown): Promise<readonly string[]> => {
  const { listeners } = z.object({ listeners: z.number() }).parse(input);
  return (await startHttpSink(listeners, tally.add)).origins;
};

const waitFor = async (input: unknown): Promise<number> => {
  const { count } = z.object({ count: z.number() }).parse(input);
  return await tally.waitFor(count);
};

serveQuestions(process, { start, waitFor });
