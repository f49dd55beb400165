import type { Response } from 'express';
import type { JsonObject } from '../json.ts';

/** Of actors and their WebFinger; who is not here yet, or no more, may be here in a moment. */
export const ACTOR_CACHE = 'public, max-age=180';

/** Serves a document to the Fediverse: peers refuse a document whose type is not exactly this one. */
export const sendActivity = (response: Response, document: JsonObject, status = 200): void => {
  response
    .status(status)
    .set('Content-Type', 'application/activity+json; charset=utf-8')
    .send(Buffer.from(JSON.stringify(document)));
};

/** `type` is the whole media type. */
export const sendJson = (response: Response, document: JsonObject, type: string): void => {
  response.set('Content-Type', type).send(Buffer.from(JSON.stringify(document)));
};

/** One sentence, the same for all: a stranger learns nothing of how it came to be. */
export const sendSentence = (response: Response, status: number, sentence: string): void => {
  response.status(status).set('Content-Type', 'text/plain; charset=utf-8').send(`${sentence}\n`);
};

export const sendPage = (
  response: Response,
  {
    html,
    policy,
    status = 200,
  }: { readonly html: string; readonly policy: string; readonly status?: number },
): void => {
  response
    .status(status)
    .set({
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': policy,
      'X-Robots-Tag': 'noindex',
    })
    .send(html);
};
