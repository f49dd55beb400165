import type { Database } from './store/database.ts';
import { countDeliveries } from './store/deliveries.ts';
import { countActivities } from './store/inbox.ts';
import { countReceived } from './store/received-stanzas.ts';
import { countStanzas } from './store/stanzas.ts';

/** How one try of a delivery ended; `expired` is the last of many that had no answer. */
export type DeliveryResult = 'ok' | 'retry' | 'permanent' | 'expired';

export type QueueDepth = {
  readonly queue: 'deliveries' | 'inbox' | 'received' | 'stanzas';
  readonly state: 'due' | 'failed';
  readonly rows: number;
};

/** What is asked at each scrape. */
export type MetricSources = {
  readonly version: string;
  /** Undefined in a process without the stream. */
  readonly isStreamUp: () => boolean | undefined;
  readonly connections: Database['stats'];
  readonly queues: () => Promise<readonly QueueDepth[]>;
  /** Monotonic, in milliseconds. */
  readonly now: () => number;
  readonly onProblem: (error: unknown) => void;
};

export type Metrics = {
  readonly countDelivery: (result: DeliveryResult) => void;
  readonly countInboxAnswer: (status: number) => void;
  /** As `HttpServer.listen`. */
  readonly listen: (address: string) => Promise<{ readonly port: number | undefined }>;
  readonly close: () => Promise<void>;
};

const SILENT: Metrics = {
  countDelivery: () => undefined,
  countInboxAnswer: () => undefined,
  listen: async () => ({ port: undefined }),
  close: async () => undefined,
};

/** Nothing is counted, and the package that counts is not even loaded, where nobody will read it. */
export const openMetrics = async (isWanted: boolean, sources: MetricSources): Promise<Metrics> => {
  if (!isWanted) return SILENT;
  const { createMetrics } = await import('./metrics.ts');
  return createMetrics(sources);
};

/** The rows of all queues. */
export const countQueues = async (db: Database): Promise<readonly QueueDepth[]> => {
  const [deliveries, inbox, received, stanzas] = await Promise.all([
    countDeliveries(db),
    countActivities(db),
    countReceived(db),
    countStanzas(db),
  ]);
  return [
    { queue: 'deliveries', state: 'due', rows: deliveries.due },
    { queue: 'deliveries', state: 'failed', rows: deliveries.failed },
    { queue: 'inbox', state: 'due', rows: inbox.due },
    { queue: 'received', state: 'due', rows: received },
    { queue: 'stanzas', state: 'due', rows: stanzas.due },
    { queue: 'stanzas', state: 'failed', rows: stanzas.failed },
  ];
};
