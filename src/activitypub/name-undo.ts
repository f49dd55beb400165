import { createHash } from 'node:crypto';
import { localUserId, urlsOf } from '../bridge/urls.ts';
import { isRecord, readField, sameHost, withoutFragment } from './json-fields.ts';

/** What snac 2.75 writes behind the object: the time, in seconds. */
const UNDO_AT = /^\/Undo_[0-9.]{1,40}$/u;

const isOneOfOurs = (origin: string, object: string): boolean => {
  const userId = localUserId(origin, object);
  return userId !== undefined && object === urlsOf(origin).actor(userId);
};

/**
 * COMPAT snac: who takes back a Follow that snac has no Accept of sends an Undo of our actor itself, by its bare id, under
 * an id below that one. As an id has to lie on the host of its actor, this one is none. Such an Undo is written anew as
 * one of the actor's Follow of our actor, under an id at the actor; undefined for everything else. It ends what the
 * signer asked for and nothing more, whoever that is: the actor is still to be proven.
 * @param origin ours
 */
export const nameUndo = (json: unknown, origin: string): Readonly<Record<string, unknown>> | undefined => {
  if (!isRecord(json) || readField(json, 'type') !== 'Undo') return undefined;
  const [id, actor, object] = [readField(json, 'id'), readField(json, 'actor'), readField(json, 'object')];
  if (typeof id !== 'string' || typeof actor !== 'string' || typeof object !== 'string') return undefined;
  if (sameHost(id, actor) || !isOneOfOurs(origin, object)) return undefined;
  if (!id.startsWith(object) || !UNDO_AT.test(id.slice(object.length))) return undefined;
  const digest = createHash('sha256').update(id).digest('base64url');
  return {
    id: `${withoutFragment(actor)}#undo-${digest}`,
    type: 'Undo',
    actor,
    object: { type: 'Follow', actor, object },
  };
};
