import type { Request, Response, Router } from 'express';
import { isPublic } from '../../bridge/activity.ts';
import type { JsonObject } from '../json.ts';
import { hostOf } from '../json-fields.ts';
import { renderActivity, renderNote, renderTombstone } from '../render.ts';
import { sendActivity, sendSentence } from './answer.ts';
import { createRouter, parameterOf } from './parameters.ts';
import type { FoundNote, ServerPorts, ServerSettings } from './ports.ts';
import { readOnly } from './read-only.ts';
import { admitReader, identifyReader } from './reader.ts';

type NotePorts = Pick<ServerPorts, 'findNote' | 'findFollow' | 'authenticate' | 'isHostBlocked'>;
type NoteSettings = Pick<ServerSettings, 'urls' | 'signedFetchRequired'>;
type Deps = NoteSettings & { readonly ports: NotePorts };

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
 * Answers a GET for something private. What the reader may not see and what never was look alike: same status, body
 * and headers. The signature is checked before anything is looked for, so that the time tells nothing either.
 */
const servePrivate = async (
  { ports, signedFetchRequired }: Deps,
  request: Request,
  response: Response,
  find: (reader: string | undefined, id: string) => Promise<JsonObject | undefined>,
): Promise<void> => {
  const reader = await (signedFetchRequired ? admitReader : identifyReader)(ports, request, response);
  if (reader === undefined) return;
  const found = await find(reader.actor, parameterOf(request, 'id'));
  if (found === undefined) return sendSentence(response, 404, 'There is nothing here.');
  sendActivity(response, found, found['type'] === 'Tombstone' ? 410 : 200);
};

const noteFor =
  ({ ports, urls }: Deps, render: (id: string, note: NonNullable<FoundNote['note']>) => JsonObject) =>
  async (reader: string | undefined, id: string): Promise<JsonObject | undefined> => {
    const found = await ports.findNote(id);
    if (found?.deleted === true) return renderTombstone(urls.note(id));
    const note = found?.note ?? undefined;
    if (found === undefined || note === undefined) return undefined;
    return (await mayRead(ports, reader, found.audience)) ? render(id, note) : undefined;
  };

/** A Follow of ours is for whom it asks. */
const followFor =
  ({ ports, urls }: Deps) =>
  async (reader: string | undefined, id: string): Promise<JsonObject | undefined> => {
    const followId = urls.follow(id);
    const follow = await ports.findFollow(followId);
    if (follow === undefined || !(await mayRead(ports, reader, [follow.object]))) return undefined;
    return renderActivity({
      type: 'Follow',
      id: followId,
      actor: urls.actor(follow.userId),
      object: follow.object,
    });
  };

/** Notes, the activities that made them, and Follows: what others were sent, and may come back to read. */
export const noteRoutes = (ports: NotePorts, { urls, signedFetchRequired }: NoteSettings): Router => {
  const deps = { ports, urls, signedFetchRequired };
  const router = createRouter();
  const note = noteFor(deps, (_id, found) => renderNote(found));
  const create = noteFor(deps, (id, found) =>
    renderActivity({ type: 'Create', id: urls.create(id), actor: found.attributedTo, note: found }),
  );
  const follow = followFor(deps);
  readOnly(router.route('/n/:id'), (request, response) => servePrivate(deps, request, response, note));
  readOnly(router.route('/n/:id/create'), (request, response) =>
    servePrivate(deps, request, response, create),
  );
  readOnly(router.route('/f/:id'), (request, response) => servePrivate(deps, request, response, follow));
  return router;
};
