import { createServer } from 'node:http';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { DEFENCES } from './activitypub/defences.ts';
import { listen } from './activitypub/listen.ts';
import type { MetricSources, Metrics, QueueDepth } from './app-metrics.ts';

/** Counting reads whole tables: scrapes that come closer together share one count. In milliseconds. */
const COUNT_AGAIN_AFTER = 10_000;

/**
 * The numbers of this process in the form that Prometheus reads, on a listener of its own: names of peers and
 * of people are never labels. What cannot be told now, because the database is away, is left out.
 */
export const createMetrics = (sources: MetricSources): Metrics => {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const deliveries = new Counter({
    name: 'causeway_deliveries_total',
    help: 'Tries to deliver an activity, by how they ended',
    labelNames: ['result'],
    registers,
  });
  const inbox = new Counter({
    name: 'causeway_inbox_requests_total',
    help: 'Requests to an inbox, by the status of the answer',
    labelNames: ['code'],
    registers,
  });
  addGauges(sources, registers);
  const server = createServer((request, response) => {
    response.setHeaders(new Map(Object.entries(DEFENCES)));
    if (request.method !== 'GET' || request.url?.split('?', 1)[0] !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    registry.metrics().then(
      (text) => response.writeHead(200, { 'Content-Type': registry.contentType }).end(text),
      (error: unknown) => {
        sources.onProblem(error);
        response.writeHead(500).end();
      },
    );
  });
  return {
    countDelivery: (result) => deliveries.inc({ result }),
    countInboxAnswer: (status) => inbox.inc({ code: status }),
    listen: (address) => listen(server, address),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const addGauges = (sources: MetricSources, registers: Registry[]): void => {
  const { version, isStreamUp, connections } = sources;
  new Gauge({
    name: 'causeway_build_info',
    help: '1, with the version as a label',
    labelNames: ['version'],
    registers,
  }).set({ version }, 1);
  new Gauge({
    name: 'causeway_xmpp_stream_up',
    help: '1 while the stream to the XMPP server is up; absent without the xmpp role',
    registers,
    collect() {
      const isUp = isStreamUp();
      if (isUp === undefined) this.remove();
      else this.set(isUp ? 1 : 0);
    },
  });
  new Gauge({
    name: 'causeway_db_pool',
    help: 'Connections to the database, and callers that wait for one',
    labelNames: ['state'],
    registers,
    collect() {
      const { total, idle, waiting } = connections();
      this.set({ state: 'used' }, total - idle);
      this.set({ state: 'idle' }, idle);
      this.set({ state: 'waiting' }, waiting);
    },
  });
  addQueueDepth(sources, registers);
};

const addQueueDepth = ({ queues, now, onProblem }: MetricSources, registers: Registry[]): void => {
  let countedAt = Number.NEGATIVE_INFINITY;
  let counting: Promise<readonly QueueDepth[]> = Promise.resolve([]);
  new Gauge({
    name: 'causeway_queue_depth',
    help: 'Rows of a queue that wait or are being worked (due), and rows that were given up (failed)',
    labelNames: ['queue', 'state'],
    registers,
    async collect() {
      const at = now();
      if (at - countedAt >= COUNT_AGAIN_AFTER) {
        countedAt = at;
        counting = queues();
      }
      this.reset();
      try {
        for (const { queue, state, rows } of await counting) this.set({ queue, state }, rows);
      } catch (error) {
        onProblem(error);
      }
    },
  });
};
