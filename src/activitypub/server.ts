import { createServer, type RequestListener, type Server } from 'node:http';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import { trustProxies } from './client-address.ts';
import { DEFENCES } from './defences.ts';
import { listen } from './listen.ts';
import { createMemoryBudget } from './memory-budget.ts';
import { createPace } from './pace.ts';
import { addressKey, createRateLimit } from './rate-limit.ts';
import { RETRY_AFTER } from './retry-after.ts';
import { actorRoutes } from './routes/actors.ts';
import { sendSentence } from './routes/answer.ts';
import { discoveryRoutes } from './routes/discovery.ts';
import { type InboxLimits, inboxRoutes } from './routes/inbox.ts';
import { mediaRoutes } from './routes/media.ts';
import { noteRoutes } from './routes/notes.ts';
import type { ServerPorts, ServerSettings } from './routes/ports.ts';
import { siteRoutes } from './routes/site.ts';
import { createTurnstile } from './turnstile.ts';

/** What the server bounds beside the limits of its settings. */
export type ServerFigures = {
  /** Of an activity: Mastodon's own limit. */
  readonly bodyBytes: number;
  readonly headersMs: number;
  readonly bodyMs: number;
  /** Longer than the idle time of the usual reverse proxies, so that none reuses a connection being closed. */
  readonly keepAliveMs: number;
  /** Node looks for connections beyond these only so often; its default is half a minute. */
  readonly lookEveryMs: number;
  /** Each may hold one body in memory. The next one is hung up on. */
  readonly connections: number;
  /** Begun before the first of them is answered. */
  readonly requestsOfConnection: number;
  /** Of request bodies at the same time; one address may fill an eighth. */
  readonly heldBytes: number;
  /** Of the event loop: no more of them lie between two steps of a chat message (docs/decisions/0012). */
  readonly requestsPerTurn: number;
  /** Refused activities in a second, how many of them at once, and how long one waits (docs/decisions/0012). */
  readonly refusals: { readonly perSecond: number; readonly burst: number; readonly longestMs: number };
  /** What is under way at the end gets this long to finish. */
  readonly closeMs: number;
};

export const SERVER_FIGURES: ServerFigures = {
  bodyBytes: 1024 * 1024,
  headersMs: 10_000,
  bodyMs: 15_000,
  keepAliveMs: 75_000,
  lookEveryMs: 2_000,
  connections: 1000,
  requestsOfConnection: 8,
  heldBytes: 128 * 1024 * 1024,
  requestsPerTurn: 1,
  refusals: { perSecond: 800, burst: 100, longestMs: 2_000 },
  closeMs: 5_000,
};

/** One actor may have this part of what its whole host may. */
export const ACTORS_SHARE = 5;

export type HttpServer = {
  /**
   * `host:port` (port 0 for any that is free; IPv6 in brackets) or `unix:/path`. Rejects with the system's
   * error, such as EADDRINUSE. `port` is undefined for a path.
   */
  readonly listen: (address: string) => Promise<{ readonly port: number | undefined }>;
  /** Takes no more connections, lets open requests finish for five seconds. */
  readonly close: () => Promise<void>;
};

const inboxLimits = (
  { inboxPerMinute }: ServerSettings,
  { bodyBytes, bodyMs, heldBytes, refusals }: ServerFigures,
): InboxLimits => {
  const now = () => performance.now();
  return {
    body: { maxBytes: bodyBytes, deadlineMs: bodyMs },
    perAddress: createRateLimit({ perMinute: inboxPerMinute, now }),
    memory: createMemoryBudget({ total: heldBytes, perKey: heldBytes / 8 }),
    refusals: createPace({ ...refusals, now }),
    perHost: createRateLimit({ perMinute: inboxPerMinute, now }),
    perActor: createRateLimit({ perMinute: Math.ceil(inboxPerMinute / ACTORS_SHARE), now }),
  };
};

/**
 * Reads are counted by address too, apart from what is posted: WebFinger asks the database for several names, and a
 * signed GET makes us fetch the key that it names. Whoever watches the process is never turned away.
 */
const limitReads = ({ inboxPerMinute }: ServerSettings): RequestHandler => {
  const reads = createRateLimit({ perMinute: inboxPerMinute, now: () => performance.now() });
  return (request, response, next) => {
    const isWatch = request.path === '/livez' || request.path === '/readyz';
    if (request.method === 'POST' || isWatch) return next();
    const seconds = reads.take(addressKey((request.ip ?? '').slice(0, 64)));
    if (seconds === undefined) return next();
    response.set('Retry-After', String(seconds));
    sendSentence(response, 429, 'Too many requests; please try again later.');
  };
};

const defend: RequestHandler = (_request, response, next) => {
  response.set(DEFENCES);
  next();
};

/** RFC 9112 3.2: one reader would take the first, another the last. */
const refuseTwoHosts: RequestHandler = (request, response, next) => {
  if ((request.headersDistinct['host']?.length ?? 0) < 2) return next();
  sendSentence(response, 400, 'There must be one Host header.');
};

/** The last resort: the error is logged whole and told as one neutral sentence. */
const answerError =
  ({ isDatabaseAway, log }: Pick<ServerPorts, 'isDatabaseAway' | 'log'>): ErrorRequestHandler =>
  (error: unknown, request, response, next) => {
    if (response.headersSent) return next(error);
    if (error instanceof URIError) return sendSentence(response, 400, 'The address is malformed.');
    const err = error instanceof Error ? error : new Error(String(error));
    if (isDatabaseAway(error)) {
      log.debug('request-without-database', { err });
      response.set('Retry-After', String(RETRY_AFTER.database));
      return sendSentence(response, 503, 'This server is not ready; please try again later.');
    }
    log.error('request-failed', { err, method: request.method, path: request.path });
    sendSentence(response, 500, 'Something went wrong here.');
  };

const createApp = (ports: ServerPorts, settings: ServerSettings, figures: ServerFigures): Express => {
  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.set('query parser', false).set('trust proxy', trustProxies(settings.trustedProxies));
  app.use(
    defend,
    refuseTwoHosts,
    limitReads(settings),
    inboxRoutes(ports, settings, inboxLimits(settings, figures)),
    actorRoutes(ports, settings),
    discoveryRoutes(ports, settings),
    noteRoutes(ports, settings),
    mediaRoutes(ports),
    siteRoutes(ports, settings),
  );
  app.use((_request, response) => sendSentence(response, 404, 'There is nothing here.'));
  app.use(answerError(ports));
  return app;
};

const close = (server: Server, graceMs: number): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });

/**
 * A few requests of a connection at a time. Node reads all that a client sends without waiting for answers, so that some
 * connections could fill the turnstile; few clients do so at all, proxies do not, and who does more is hung up on.
 */
const fewOfEachConnection = (most: number, serve: RequestListener): RequestListener => {
  const underWay = new WeakMap<object, number>();
  return (request, response) => {
    const { socket } = request;
    const count = (underWay.get(socket) ?? 0) + 1;
    if (count > most) return void socket.destroy();
    underWay.set(socket, count);
    response.once('close', () => underWay.set(socket, (underWay.get(socket) ?? 1) - 1));
    serve(request, response);
  };
};

/** The Fediverse's side of the gateway: everything that is served over HTTP. */
export const createHttpServer = (
  ports: ServerPorts,
  settings: ServerSettings,
  figures = SERVER_FIGURES,
): HttpServer => {
  const app = createApp(ports, settings, figures);
  const turnstile = createTurnstile(figures.requestsPerTurn);
  const server = createServer(
    {
      headersTimeout: figures.headersMs,
      requestTimeout: figures.headersMs + figures.bodyMs,
      keepAliveTimeout: figures.keepAliveMs,
      connectionsCheckingInterval: figures.lookEveryMs,
    },
    fewOfEachConnection(figures.requestsOfConnection, (request, response) =>
      turnstile(() => app(request, response)),
    ),
  );
  server.maxConnections = figures.connections;
  return { listen: (address) => listen(server, address), close: () => close(server, figures.closeMs) };
};
