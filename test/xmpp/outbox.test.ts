import { afterEach, expect, test, vi } from 'vitest';
import { createOutbox, type Outbox, type OutboxFailure, type OutboxRow } from '../../src/xmpp/outbox.ts';
import type { SendResult, StreamState } from '../../src/xmpp/stream-options.ts';
import { chatMessage } from '../support/stream.ts';

let outbox: Outbox | undefined;
afterEach(async () => {
  await outbox?.stop();
  vi.useRealTimers();
});

type Script = {
  sends?: SendResult[];
  barriers?: boolean[];
  claimFails?: number;
  asides?: ('does' | 'adds' | 'fails')[];
};

/** A table in memory that writes down what is done to it. */
const createTable = (count: number, log: string[], claimFails: number) => {
  const rows: OutboxRow<number>[] = [];
  const add = (): void => {
    const id = rows.length + 1;
    rows.push({ id, stanza: chatMessage({ to: 'alice@xmpp.test', id: `m${id}` }) });
  };
  for (let n = 0; n < count; n += 1) add();
  const failures = new Map<number, OutboxFailure>();
  const leased = new Set<number>();
  const settled = new Set<number>();
  let failing = claimFails;
  let check = (): void => {};
  const settle = (name: string, ids: readonly number[]): void => {
    log.push(`${name} ${ids.join(' ')}`);
    for (const id of ids) {
      leased.delete(id);
      if (name !== 'release') settled.add(id);
    }
    check();
  };
  return {
    add,
    failures,
    settled,
    until: (fits: () => boolean): Promise<void> =>
      new Promise((resolve) => {
        check = () => (fits() ? resolve() : undefined);
        check();
      }),
    claim: async (limit: number) => {
      failing -= 1;
      if (failing >= 0) throw new Error('database away');
      const claimed = rows.filter(({ id }) => !leased.has(id) && !settled.has(id)).slice(0, limit);
      for (const { id } of claimed) leased.add(id);
      if (claimed.length > 0) log.push(`claim ${claimed.map(({ id }) => id).join(' ')}`);
      return claimed;
    },
    taken: async (ids: readonly number[]) => settle('taken', ids),
    release: async (ids: readonly number[]) => settle('release', ids),
    fail: async (id: number, failure: OutboxFailure) => {
      failures.set(id, failure);
      settle('fail', [id]);
    },
  };
};

/** `sends` and `barriers` script the stream, and run out to success. */
const setUp = (count: number, { sends = [], barriers = [], claimFails = 0, asides = [] }: Script = {}) => {
  const log: string[] = [];
  const table = createTable(count, log, claimFails);
  let state: StreamState = { status: 'online', problem: undefined };
  const setState = (status: StreamState['status']): void => {
    state = { status, problem: undefined };
  };
  let dropsOnLoss = false;
  const send = ({ id }: { id?: string }): SendResult => {
    log.push(`send ${id}`);
    return sends.shift() ?? 'written';
  };
  const barrier = async (): Promise<boolean> => {
    log.push('barrier');
    const isBack = barriers.shift() ?? true;
    if (!isBack && dropsOnLoss) {
      setState('down');
      setImmediate(() => {
        setState('online');
        created.wake();
      });
    }
    return isBack;
  };
  const created = createOutbox<number>({
    ...table,
    aside: async () => {
      const act = asides.shift();
      if (act !== undefined) log.push(`aside ${act}`);
      if (act === 'adds') table.add();
      if (act === 'fails') throw new Error('database away');
      return act !== undefined;
    },
    stream: { send, barrier, state: () => state },
    log: { info: () => {}, warn: () => {} },
    pollMs: 5,
    batch: 3,
  });
  outbox = created;
  const dropOnLoss = (): void => {
    dropsOnLoss = true;
  };
  return { ...table, outbox: created, log, setState, dropOnLoss };
};

test('writes in order, one barrier behind a batch, and only then marks', async () => {
  const table = setUp(4);
  table.outbox.start();
  table.outbox.start();
  await table.until(() => table.settled.size === 4);
  await table.outbox.stop();
  expect(table.log).toEqual([
    'claim 1 2 3',
    'send m1',
    'send m2',
    'send m3',
    'barrier',
    'taken 1 2 3',
    'claim 4',
    'send m4',
    'barrier',
    'taken 4',
  ]);
});

test('what is done aside waits until no row does, and a row that comes goes before its next part', async () => {
  const table = setUp(4, { asides: ['adds', 'fails', 'adds'] });
  table.outbox.start();
  await table.until(() => table.settled.size === 6);
  await table.outbox.stop();
  expect(table.log.filter((line) => /^(?:taken|aside)/u.test(line))).toEqual([
    'taken 1 2 3',
    'taken 4',
    'aside adds',
    'taken 5',
    'aside fails',
    'aside adds',
    'taken 6',
  ]);
});

test('rows without end leave room for the rest once a second', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const table = setUp(1, { asides: ['does'] });
  table.outbox.start();
  await table.until(() => {
    table.add();
    vi.advanceTimersByTime(100);
    return table.log.includes('aside does');
  });
  const before = table.log.slice(0, table.log.indexOf('aside does'));
  // It was not because nothing waited, and not before the second was over.
  expect(before.at(-1)).toMatch(/^taken/u);
  expect(before.filter((line) => line.startsWith('taken'))).toHaveLength(10);
});

test('nothing is done aside while the stream is away', async () => {
  const table = setUp(1, { asides: ['does'] });
  table.setState('down');
  table.outbox.start();
  table.outbox.wake();
  await table.outbox.stop();
  expect(table.log).toEqual([]);
});

test('a lost barrier releases; the rows go again, one by one until one arrives', async () => {
  const table = setUp(4, { barriers: [false] });
  table.outbox.start();
  await table.until(() => table.settled.size === 4);
  expect(table.log.filter((line) => /taken|release/u.test(line))).toEqual([
    'release 1 2 3',
    'taken 1',
    'taken 2 3 4',
  ]);
  expect(table.log.filter((line) => line === 'send m1')).toHaveLength(2);
});

test('nothing overtakes a row that could not be written', async () => {
  const table = setUp(3, { sends: ['written', 'down'] });
  table.outbox.start();
  await table.until(() => table.settled.size === 3);
  expect(table.log.slice(0, 6)).toEqual([
    'claim 1 2 3',
    'send m1',
    'send m2',
    'barrier',
    'taken 1',
    'release 2 3',
  ]);
});

test('what can never go is failed and holds up nothing', async () => {
  const table = setUp(3, { sends: ['too-large', 'invalid'] });
  table.outbox.start();
  await table.until(() => table.settled.size === 3);
  expect([...table.failures]).toEqual([
    [1, 'too-large'],
    [2, 'invalid'],
  ]);
  expect(table.log).toContain('taken 3');
});

test('a row that takes the stream down each time it is written alone is given up', async () => {
  const table = setUp(2, { barriers: [false, false, false, false, false] });
  table.dropOnLoss();
  table.outbox.start();
  await table.until(() => table.settled.size === 2);
  expect([...table.failures]).toEqual([[1, 'closes-stream']]);
  expect(table.log).toContain('taken 2');
});

test('claims nothing while the stream is down, and starts at a wake', async () => {
  const table = setUp(1);
  table.setState('down');
  table.outbox.start();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(table.log).toEqual([]);
  table.setState('online');
  table.outbox.wake();
  await table.until(() => table.settled.has(1));
});

test('a database that is away ends nothing', async () => {
  const table = setUp(1, { claimFails: 2 });
  table.outbox.start();
  await table.until(() => table.settled.has(1));
  expect(table.log).toContain('taken 1');
});

test('a stop waits for the batch under way, and nothing is claimed after it', async () => {
  const table = setUp(9);
  table.outbox.start();
  await table.outbox.stop();
  const { length } = table.log;
  expect(table.log.at(-1)).toBe('taken 1 2 3');
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(table.log).toHaveLength(length);
});

test('a claim that is not full is followed by the next at once: one recipient gets only part of each', async () => {
  const table = createTable(7, [], 0);
  const partly = createOutbox<number>({
    ...table,
    claim: () => table.claim(1),
    stream: {
      send: () => 'written',
      barrier: async () => true,
      state: () => ({ status: 'online', problem: undefined }),
    },
    log: { info: () => {}, warn: () => {} },
    pollMs: 3_600_000,
    batch: 3,
  });
  partly.start();
  await table.until(() => table.settled.size === 7);
  await partly.stop();
});
