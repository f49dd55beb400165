import { expect, test } from 'vitest';
import { createUnanswered } from '../src/app-unanswered.ts';
import type { OutgoingStanza } from '../src/bridge/stanza.ts';
import type { SendResult } from '../src/xmpp/stream-options.ts';

const presence = (id: string): OutgoingStanza => ({
  kind: 'presence',
  type: 'unavailable',
  id,
  from: 'a@b',
  to: 'c@d',
});

/** A stream and a database, each of which can be had or not. */
const begin = () => {
  const world = { stream: 'down' as SendResult, database: false };
  const written: (string | undefined)[] = [];
  const stored: (string | undefined)[] = [];
  const errors: object[] = [];
  const unanswered = createUnanswered({
    send: (stanza) => {
      if (world.stream === 'written') written.push('id' in stanza ? stanza.id : undefined);
      return world.stream;
    },
    enqueue: (stanza) => {
      if (!world.database) return Promise.reject(new Error('away'));
      stored.push('id' in stanza ? stanza.id : undefined);
      return Promise.resolve();
    },
    log: { error: (event, fields) => errors.push({ event, ...fields }) },
  });
  return { world, written, stored, errors, unanswered };
};

test('straight over the stream where it is up, whatever the database', async () => {
  const { world, written, stored, unanswered } = begin();
  world.stream = 'written';
  world.database = true;
  await unanswered.tell(presence('1'));
  expect({ written, stored }).toEqual({ written: ['1'], stored: [] });
});

test('into the outbox where the stream is down', async () => {
  const { world, stored, unanswered } = begin();
  world.database = true;
  await unanswered.tell(presence('1'));
  expect(stored).toEqual(['1']);
});

test('kept without either, told in order once the stream is back, and once only', async () => {
  const { world, written, unanswered } = begin();
  await unanswered.tell(presence('1'));
  await unanswered.tell(presence('2'));
  await unanswered.flush();
  expect(written).toEqual([]);
  world.stream = 'written';
  await unanswered.flush();
  await unanswered.flush();
  expect(written).toEqual(['1', '2']);
});

test('what can never be sent is not kept', async () => {
  const { world, written, stored, unanswered } = begin();
  world.stream = 'invalid';
  await unanswered.tell(presence('1'));
  world.stream = 'written';
  await unanswered.flush();
  expect({ written, stored }).toEqual({ written: [], stored: [] });
});

test('at the end the database takes what is kept; without it the log says how many', async () => {
  const first = begin();
  await first.unanswered.tell(presence('1'));
  first.world.database = true;
  await first.unanswered.close();
  expect(first.stored).toEqual(['1']);
  expect(first.errors).toEqual([]);

  const second = begin();
  await second.unanswered.tell(presence('1'));
  await second.unanswered.close();
  expect(second.errors).toEqual([{ event: 'errors-not-told', count: 1 }]);
});

test('the number kept is bounded', async () => {
  const { errors, unanswered } = begin();
  for (let count = 0; count < 1_003; count += 1) await unanswered.tell(presence(String(count)));
  expect(errors).toHaveLength(3);
  await unanswered.close();
  expect(errors.at(-1)).toEqual({ event: 'errors-not-told', count: 1_000 });
});
