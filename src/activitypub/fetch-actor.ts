import type { Handle, RemoteActor } from '../bridge/actor.ts';
import { done, type Outcome, refuse } from '../bridge/outcome.ts';
import { hostOf, isRecord, readField, readId, readTypes, sameHost, sameUrl } from './json-fields.ts';
import { parseActor, readClaimedHandle } from './parse-actor.ts';
import type { FetchedJson, GetJson } from './types.ts';

/** An actor as its own document has it; `claimed` is the handle that it gives itself, not yet confirmed. */
export type FetchedActor = { readonly actor: RemoteActor; readonly claimed: Handle | undefined };

const readActor = ({ json, url }: FetchedJson): Outcome<FetchedActor> => {
  const host = hostOf(url) ?? '';
  if (isRecord(json) && readTypes(json).includes('Tombstone')) return refuse('gone', { host });
  const actor = parseActor(json, url);
  return actor.ok
    ? done({ actor: actor.value, claimed: readClaimedHandle(json) })
    : refuse('host-not-found', { host });
};

/** The id that a document gives itself where that is another URL of the same host, else undefined. */
const canonicalUrl = ({ json, url }: FetchedJson): string | undefined => {
  const id = isRecord(json) ? readId(readField(json, 'id')) : undefined;
  return id !== undefined && sameHost(id, url) && !sameUrl(id, url) ? id : undefined;
};

/**
 * Turns a fetched document into an actor. A document found under another URL of its host (an alias, a key's
 * own URL, the end of a redirect) is fetched once more under the id that it names, and must then be it. An id
 * on another host is never followed. No usable actor is 'host-not-found', a Tombstone 'gone'.
 */
export const fetchedToActor = async (
  { getJson }: { readonly getJson: GetJson },
  fetched: FetchedJson,
): Promise<Outcome<FetchedActor>> => {
  const canonical = canonicalUrl(fetched);
  if (canonical === undefined) return readActor(fetched);
  const again = await getJson(canonical);
  return again.ok ? readActor(again.value) : again;
};

/**
 * Fetches an actor by its URI. The refusals are those of `getJson` and `fetchedToActor`; one that is found on another
 * host only is 'not-found', for a host speaks of its own people alone.
 */
export const fetchActorDocument = async (
  deps: { readonly getJson: GetJson },
  uri: string,
): Promise<Outcome<FetchedActor>> => {
  const fetched = await deps.getJson(uri);
  if (!fetched.ok) return fetched;
  if (!sameHost(uri, fetched.value.url)) return refuse('not-found', { host: hostOf(uri) ?? '' });
  return fetchedToActor(deps, fetched.value);
};
