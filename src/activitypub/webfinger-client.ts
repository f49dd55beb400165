import type { Handle } from '../bridge/actor.ts';
import { handleToText } from '../bridge/address.ts';
import { done, malformed, type Outcome, type Parsed, refuse } from '../bridge/outcome.ts';
import { isPortOfPeer } from './guard.ts';
import { isRecord, type JsonRecord, readField, readList, readUrl } from './json-fields.ts';
import { isActivityType, JRD_JSON } from './media-type.ts';
import type { GetJson } from './types.ts';

const MAX_LINKS = 100;
const MAX_SUBJECT = 2048;
/** Bytes of UTF-8: no JID carries a longer name (RFC 7622 3.3), and a handle is a key in the database. */
const MAX_USER_BYTES = 1023;
const MAX_ACTORS = 4;

/**
 * What WebFinger says of a handle. `actorUrls` begins with `actorUrl`; more than one where a name stands for a
 * person and for a group (COMPAT Lemmy).
 */
export type Finger = {
  readonly subject: Handle;
  readonly actorUrl: string;
  readonly actorUrls: readonly string[];
};

export type Webfinger = (handle: Handle) => Promise<Outcome<Finger>>;

/** The host of a handle as an A-label in lower case, with a port where it is not 443; or undefined. */
const parseHost = (text: string): string | undefined => {
  const url = /[/?#@\\\s]/u.test(text) ? null : URL.parse(`https://${text}/`);
  return url === null || url.host === '' || url.hostname.endsWith('.') ? undefined : url.host;
};

/**
 * `acct:User@Host`, `@user@host` or `user@host` to a handle in lower case; undefined for all else. Wider than
 * `parseHandle` of the bridge: here a name need not fit into a JID, and in development a host may be an address.
 */
export const readHandle = (text: unknown): Handle | undefined => {
  if (typeof text !== 'string' || text.length > MAX_SUBJECT || !text.isWellFormed()) return undefined;
  const bare = text.toLowerCase().startsWith('acct:') ? text.slice(5) : text;
  const [user = '', hostText = '', ...rest] = (bare.startsWith('@') ? bare.slice(1) : bare).split('@');
  const host = parseHost(hostText);
  if (
    user === '' ||
    Buffer.byteLength(user) > MAX_USER_BYTES ||
    rest.length > 0 ||
    host === undefined ||
    /[\s\p{Cc}/]/u.test(user)
  )
    return undefined;
  return { user: user.toLowerCase(), host };
};

const isActorLink = (link: JsonRecord): boolean => {
  const type = readField(link, 'type');
  return readField(link, 'rel') === 'self' && typeof type === 'string' && isActivityType(type);
};

const isAtPortOf = (href: string, { host }: Handle): boolean => {
  const [to, from] = [URL.parse(href), URL.parse(`https://${host}/`)];
  return to !== null && from !== null && isPortOfPeer(to, from);
};

/** Reads a JRD (RFC 7033 4.4): its subject and the links to ActivityPub actors, at no port but 443 and the subject's. */
const parseFinger = (json: unknown): Parsed<Finger> => {
  if (!isRecord(json)) return malformed('a JRD that is no object');
  const subject = readHandle(readField(json, 'subject'));
  if (subject === undefined) return malformed('a JRD without a usable subject');
  const actorUrls = readList(readField(json, 'links'), MAX_LINKS)
    .filter(isRecord)
    .filter(isActorLink)
    .flatMap((link) => readUrl(readField(link, 'href')) ?? [])
    .filter((href) => isAtPortOf(href, subject))
    .slice(0, MAX_ACTORS);
  const [actorUrl] = actorUrls;
  return actorUrl === undefined
    ? malformed('a JRD without an actor')
    : done({ subject, actorUrl, actorUrls });
};

const isSame = (a: Handle, b: Handle): boolean => a.user === b.user && a.host === b.host;

/**
 * Makes the WebFinger client (RFC 7033). A subject on another host is asked once more, there, and must name
 * itself: only a host says who its people are. A host that answers without an actor is 'host-not-found', as
 * there is no ActivityPub there. With `allowPrivate` a host that cannot be reached by https is tried by http.
 */
export const createWebfinger = ({
  getJson,
  allowPrivate,
}: {
  readonly getJson: GetJson;
  readonly allowPrivate: boolean;
}): Webfinger => {
  const ask = async (handle: Handle, scheme: 'https' | 'http'): Promise<Outcome<Finger>> => {
    const resource = encodeURIComponent(`acct:${handleToText(handle)}`);
    const url = `${scheme}://${handle.host}/.well-known/webfinger?resource=${resource}`;
    const fetched = await getJson(url, JRD_JSON);
    if (!fetched.ok) {
      const retry = allowPrivate && scheme === 'https' && fetched.refusal.reason === 'host-unreachable';
      return retry ? ask(handle, 'http') : fetched;
    }
    const finger = parseFinger(fetched.value.json);
    return finger.ok ? finger : refuse('host-not-found', { host: handle.host });
  };

  return async (handle) => {
    const first = await ask(handle, 'https');
    if (!first.ok || first.value.subject.host === handle.host) return first;
    const { subject } = first.value;
    const second = await ask(subject, 'https');
    if (!second.ok || isSame(second.value.subject, subject)) return second;
    return refuse('not-found', { host: subject.host });
  };
};
