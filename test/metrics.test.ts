import { afterEach, expect, test } from 'vitest';
import { type MetricSources, type Metrics, openMetrics, type QueueDepth } from '../src/app-metrics.ts';

const open: Metrics[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((metrics) => metrics.close()));
});

const DEPTHS: readonly QueueDepth[] = [{ queue: 'deliveries', state: 'due', rows: 7 }];

/** Metrics that are read over HTTP, on a clock that the test moves. */
const start = async (changes: Partial<MetricSources> = {}) => {
  const clock = { ms: 0 };
  const problems: unknown[] = [];
  const metrics = await openMetrics(true, {
    version: '1.2.3',
    isStreamUp: () => true,
    connections: () => ({ total: 5, idle: 3, waiting: 1 }),
    queues: async () => DEPTHS,
    now: () => clock.ms,
    onProblem: (error) => problems.push(error),
    ...changes,
  });
  open.push(metrics);
  const { port } = await metrics.listen('127.0.0.1:0');
  const ask = (path: string, method = 'GET') => fetch(`http://127.0.0.1:${port}${path}`, { method });
  /** The lines of our own numbers. */
  const read = async (): Promise<readonly string[]> =>
    (await (await ask('/metrics')).text()).split('\n').filter((line) => line.startsWith('causeway_'));
  return { metrics, clock, problems, ask, read };
};

test('what happened is counted by its kind alone', async () => {
  const { metrics, read } = await start();
  metrics.countDelivery('ok');
  metrics.countDelivery('ok');
  metrics.countDelivery('expired');
  metrics.countInboxAnswer(202);
  metrics.countInboxAnswer(401);
  const lines = await read();
  expect(lines).toEqual(
    expect.arrayContaining([
      'causeway_deliveries_total{result="ok"} 2',
      'causeway_deliveries_total{result="expired"} 1',
      'causeway_inbox_requests_total{code="202"} 1',
      'causeway_inbox_requests_total{code="401"} 1',
      'causeway_build_info{version="1.2.3"} 1',
      'causeway_xmpp_stream_up 1',
      'causeway_db_pool{state="used"} 2',
      'causeway_db_pool{state="waiting"} 1',
      'causeway_queue_depth{queue="deliveries",state="due"} 7',
    ]),
  );
});

test('the numbers of the process itself are there, as Prometheus reads them', async () => {
  const { ask } = await start();
  const response = await ask('/metrics?x=1');
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/u);
  for (const answer of [response, await ask('/'), await ask('/metrics', 'POST')])
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
    });
  expect(await response.text()).toContain('nodejs_eventloop_lag_seconds');
});

test('the stream is down, or no business of this process', async () => {
  expect(await (await start({ isStreamUp: () => false })).read()).toContain('causeway_xmpp_stream_up 0');
  const lines = await (await start({ isStreamUp: () => undefined })).read();
  expect(lines.filter((line) => line.startsWith('causeway_xmpp_stream_up'))).toEqual([]);
});

test('scrapes that come close together count the queues once', async () => {
  let counts = 0;
  const { clock, read } = await start({
    queues: async () => {
      counts += 1;
      return DEPTHS;
    },
  });
  await read();
  clock.ms += 9_999;
  expect(await read()).toContain('causeway_queue_depth{queue="deliveries",state="due"} 7');
  expect(counts).toBe(1);
  clock.ms += 1;
  await read();
  expect(counts).toBe(2);
});

test('without the database the rest is still told', async () => {
  const away = new Error('the database is away');
  const { problems, read } = await start({ queues: () => Promise.reject(away) });
  const lines = await read();
  expect(lines).toContain('causeway_xmpp_stream_up 1');
  expect(lines.filter((line) => line.startsWith('causeway_queue_depth'))).toEqual([]);
  expect(problems).toEqual([away]);
});

test.each([
  ['/', 'GET'],
  ['/metrics/x', 'GET'],
  ['/metrics', 'POST'],
])('%s by %s is not there', async (path, method) => {
  const { ask } = await start();
  expect((await ask(path, method)).status).toBe(404);
});

test('where nobody reads, nothing is kept and no port is opened', async () => {
  const silent = await openMetrics(false, {
    version: '1.2.3',
    isStreamUp: () => true,
    connections: () => ({ total: 0, idle: 0, waiting: 0 }),
    queues: async () => [],
    now: () => 0,
    onProblem: () => undefined,
  });
  silent.countDelivery('ok');
  silent.countInboxAnswer(202);
  expect(await silent.listen('127.0.0.1:0')).toEqual({ port: undefined });
  await silent.close();
});
