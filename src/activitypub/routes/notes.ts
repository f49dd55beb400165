import type { Request, Response, Router } from 'express';
import { isPublic } from '../../bridge/activity.ts';
import type { JsonObject } from '../json.ts';
import { hostOf } from '../json-fields.ts';
import { claimsSignature, toRawRequest } from '../raw-request.ts';
import { renderActivity, renderNote, renderTombstone } from '../render.ts';
import { sendActivity, sendSentence } from './answer.ts';
import { createRouter, parameterOf } from './parameters.ts';
import type { FoundNote, ServerPorts, ServerSettings } from './ports.ts';

type NotePorts = Pick<ServerPorts, 'findNote' | 'authenticate' | 'isHostBlocked'>;

/**
 * Whether a reader may see a note: anyone a public one, an addressed actor or any actor of an addressed
 * actor's host every other (Misskey fetches with its instance actor, Mastodon with some local account).
 */
const mayRead = async (
  ports: NotePorts,
  reader: string | undefined,
  audience: readonly string[],
): Promise<boolean> => {
  if (audience.some(isPublic)) return true;
  const host = reader === undefined ? undefined : hostOf(reader);
  if (host === undefined || !audience.some((uri) => hostOf(uri) === host)) return false;
  return !(await ports.isHostBlocked(host));
};

/**
 * A note that the reader may not see and one that never was look alike: same status, body and headers. The
 * signature is checked before the note is looked for, so that the time tells nothing either.
 */
const serveNote = async (
  { ports, urls }: { readonly ports: NotePorts; readonly urls: ServerSettings['urls'] },
  request: Request,
  response: Response,
  render: (id: string, note: NonNullable<FoundNote['note']>) => JsonObject,
): Promise<void> => {
  response.vary('Accept').vary('Signature').set('Cache-Control', 'private, no-store');
  const raw = toRawRequest(request, { target: request.originalUrl, body: new Uint8Array() });
  const reader = claimsSignature(raw) ? await ports.authenticate(raw) : undefined;
  if (reader?.ok === false && reader.status === 503) {
    response.set('Retry-After', '60');
    return sendSentence(response, 503, 'The key cannot be checked at the moment.');
  }
  const id = parameterOf(request, 'id');
  const found = await ports.findNote(id);
  if (found?.deleted === true) return sendActivity(response, renderTombstone(urls.note(id)), 410);
  const signer = reader?.ok === true ? reader.signer.actor : undefined;
  const note = found?.note ?? undefined;
  if (found === undefined || note === undefined || !(await mayRead(ports, signer, found.audience))) {
    return sendSentence(response, 404, 'There is nothing here.');
  }
  sendActivity(response, render(id, note));
};

/** Notes and the activities that made them. */
export const noteRoutes = (ports: NotePorts, { urls }: Pick<ServerSettings, 'urls'>): Router => {
  const deps = { ports, urls };
  const router = createRouter();
  router.get('/n/:id', (request, response) =>
    serveNote(deps, request, response, (_id, note) => renderNote(note)),
  );
  router.get('/n/:id/create', (request, response) =>
    serveNote(deps, request, response, (id, note) =>
      renderActivity({ type: 'Create', id: urls.create(id), actor: note.attributedTo, note }),
    ),
  );
  return router;
};
