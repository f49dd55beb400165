import type { Request, RequestHandler, Response } from 'express';
import { sendSentence } from './answer.ts';

/** What `router.route(…)` gives, whatever the path. */
type Route = {
  readonly get: (handler: RequestHandler) => Route;
  readonly options: (handler: RequestHandler) => Route;
  readonly all: (handler: RequestHandler) => Route;
};

const ALLOW = 'GET, HEAD, OPTIONS';

const answerOptions = (_request: Request, response: Response): void => {
  response.status(204).set('Allow', ALLOW).end();
};

const refuseMethod = (_request: Request, response: Response): void => {
  response.set('Allow', ALLOW);
  sendSentence(response, 405, 'This is read, not written to.');
};

/** A route that is read, and answers 405 to every method that would do anything else (RFC 9110 15.5.6). */
export const readOnly = (route: Route, read: RequestHandler): void => {
  route.get(read).options(answerOptions).all(refuseMethod);
};
