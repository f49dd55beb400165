import type { Request, Response, Router } from 'express';
import { type GateAnswer, type GateLimits, judgeInbox } from '../inbox-gate.ts';
import type { MemoryBudget, Reservation } from '../memory-budget.ts';
import type { Pace } from '../pace.ts';
import { addressKey, type RateLimit } from '../rate-limit.ts';
import { type BodyLimits, collectBody, toRawRequest } from '../raw-request.ts';
import { RETRY_AFTER } from '../retry-after.ts';
import { sendSentence } from './answer.ts';
import { createRouter, parameterOf } from './parameters.ts';
import type { ServerPorts, ServerSettings } from './ports.ts';

export type InboxLimits = GateLimits & {
  readonly body: BodyLimits;
  /** By the client's address, before anything is read: the only name that a request cannot choose. */
  readonly perAddress: RateLimit;
  /** What bodies hold in memory, until their request is answered. */
  readonly memory: MemoryBudget;
  /** Refusals leave no faster: who floods us with rubbish over so many connections waits, and chats go on. */
  readonly refusals: Pace;
};

type InboxDeps = {
  readonly ports: ServerPorts;
  readonly limits: InboxLimits;
  readonly origin: string;
};

const sendRetryLater = (response: Response, seconds: number): void => {
  response.set('Retry-After', String(seconds));
  sendSentence(response, 429, 'Too many activities; please try again later.');
};

const sendAnswer = (response: Response, answer: GateAnswer): void => {
  if (answer.status === 202) {
    response.status(202).end();
    return;
  }
  if (answer.retryAfterSeconds !== undefined) {
    response.set('Retry-After', String(answer.retryAfterSeconds));
  }
  if (answer.status === 401) response.set('WWW-Authenticate', 'Signature');
  sendSentence(response, answer.status, answer.sentence);
};

const receive = async (
  deps: InboxDeps,
  request: Request,
  response: Response,
  recipient: string | undefined,
): Promise<void> => {
  const { limits } = deps;
  const address = addressKey((request.ip ?? '').slice(0, 64));
  const seconds = limits.perAddress.take(address);
  if (seconds !== undefined) return sendRetryLater(response, seconds);
  const room = limits.memory.reserve(address);
  let answer: GateAnswer | undefined;
  try {
    answer = await receiveBody(deps, request, response, { recipient, room });
  } finally {
    room.release();
  }
  if (answer === undefined) return;
  // Who posts and goes away at once, again and again, would make all others wait: none of these is answered.
  if (answer.status !== 202 && !(await limits.refusals())) {
    deps.ports.countInboxAnswer(answer.status);
    request.socket.destroy();
    return;
  }
  sendAnswer(response, answer);
};

/** What the gate says of the request; undefined where it could not be read, and that was answered, if anybody is there. */
const receiveBody = async (
  { ports, limits, origin }: InboxDeps,
  request: Request,
  response: Response,
  { recipient, room }: { readonly recipient: string | undefined; readonly room: Reservation },
): Promise<GateAnswer | undefined> => {
  const read = await collectBody(request, limits.body, room.take);
  switch (read.kind) {
    case 'crowded':
      response.set({ Connection: 'close', 'Retry-After': String(RETRY_AFTER.room) });
      sendSentence(response, 503, 'Too much is under way; please try again later.');
      return undefined;
    case 'broken':
      return undefined;
    case 'too-large':
      response.set('Connection', 'close');
      sendSentence(response, 413, 'The body is too large.');
      return undefined;
    case 'too-slow':
      response.set('Connection', 'close');
      sendSentence(response, 408, 'The body took too long.');
      return undefined;
    case 'whole': {
      const raw = toRawRequest(request, { target: request.originalUrl, body: read.body });
      const answer = await judgeInbox({ ports, limits, origin }, raw, recipient);
      if (answer.status !== 202) {
        ports.log.debug('activity-refused', { status: answer.status, problem: answer.problem });
      }
      return answer;
    }
  }
};

/** The shared inbox, the instance actor's, and one for each user. */
export const inboxRoutes = (
  ports: ServerPorts,
  { urls }: Pick<ServerSettings, 'urls'>,
  limits: InboxLimits,
): Router => {
  const deps = { ports, limits, origin: urls.origin };
  const router = createRouter();
  const count = (_request: Request, response: Response, next: () => void): void => {
    response.once('finish', () => ports.countInboxAnswer(response.statusCode));
    next();
  };
  const notAllowed = (_request: Request, response: Response): void => {
    response.set('Allow', 'POST');
    sendSentence(response, 405, 'An inbox is written to, not read.');
  };
  router
    .route(['/inbox', '/actor/inbox'])
    .all(count)
    .post((request, response) => receive(deps, request, response, undefined))
    .all(notAllowed);
  router
    .route('/u/:id/inbox')
    .all(count)
    .post((request, response) => receive(deps, request, response, parameterOf(request, 'id')))
    .all(notAllowed);
  return router;
};
