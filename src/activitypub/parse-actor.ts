import type { Handle, RemoteActor, RemoteKey } from '../bridge/actor.ts';
import { done, malformed, type Parsed } from '../bridge/outcome.ts';
import { isPortOfPeer } from './guard.ts';
import {
  hostOf,
  isRecord,
  type JsonRecord,
  readField,
  readId,
  readIdText,
  readList,
  readText,
  readTypes,
  readUrl,
  sameHost,
  sameUrl,
  withoutFragment,
} from './json-fields.ts';
import { multikeyToPem } from './signatures/multikey.ts';
import { parsePublicKey } from './signatures/public-key.ts';
import { readHandle } from './webfinger-client.ts';

const MAX_KEYS = 10;
const MAX_USERNAME = 1024;
const MAX_NAME = 2048;
const MAX_SUMMARY = 20_480;
const MAX_PEM = 4096;
const MAX_LINKS = 16;
const MAX_FIELDS = 50;
const MAX_FIELD = 2048;

const ACTOR_TYPES = ['Person', 'Service', 'Application', 'Group', 'Organization'] as const;

const typeOf = (json: JsonRecord): RemoteActor['type'] | undefined => {
  const types = readTypes(json);
  return ACTOR_TYPES.find((type) => types.includes(type));
};

/** Whether a document says that it is an actor; it may still be a poor one. */
export const isActorDocument = (json: unknown): json is JsonRecord =>
  isRecord(json) && typeOf(json) !== undefined;

/** Never cut: a name that is too long is nobody's name. */
const readUsername = (json: JsonRecord): string | undefined => {
  const name = readText(readField(json, 'preferredUsername'), MAX_USERNAME + 1);
  if (name === undefined || name === '') return readClaimedHandle(json)?.user;
  return name.length > MAX_USERNAME ? undefined : name;
};

/** A URL on the host of the id: nobody may point our deliveries, or our trust, at a third party. */
const readOwn = (value: unknown, id: string): string | undefined => {
  const url = readId(value);
  return url !== undefined && sameHost(url, id) ? url : undefined;
};

const readKey = (value: unknown, owner: string): RemoteKey | undefined => {
  if (!isRecord(value)) return undefined;
  const id = readOwn(readField(value, 'id'), owner);
  const pem = readText(readField(value, 'publicKeyPem'), MAX_PEM);
  if (id === undefined || pem === undefined || readId(readField(value, 'owner')) !== owner) return undefined;
  return parsePublicKey(pem) === undefined ? undefined : { id, owner, pem };
};

/** FEP-521a. A multikey that is only named, or not Ed25519, is passed over. */
const readMultikey = (value: unknown, owner: string): RemoteKey | undefined => {
  if (!isRecord(value) || !readTypes(value).includes('Multikey')) return undefined;
  const id = readOwn(readField(value, 'id'), owner);
  if (id === undefined || readId(readField(value, 'controller')) !== owner) return undefined;
  const pem = multikeyToPem(readText(readField(value, 'publicKeyMultibase'), MAX_PEM) ?? '');
  return pem === undefined ? undefined : { id, owner, pem };
};

/** Of two keys with one id the one in `publicKey` counts: that is the one which everybody reads. */
const readKeys = (json: JsonRecord, owner: string): readonly RemoteKey[] => {
  const multikeys = readList(readField(json, 'assertionMethod'), MAX_KEYS);
  const keys = [
    ...multikeys.flatMap((each) => readMultikey(each, owner) ?? []),
    ...readList(readField(json, 'publicKey'), MAX_KEYS).flatMap((each) => readKey(each, owner) ?? []),
  ];
  return [...new Map(keys.map((key) => [key.id, key])).values()];
};

/** The first link for people: a string, a Link, or a list of these. */
const readPage = (value: unknown): string | undefined => {
  for (const each of readList(value, MAX_LINKS)) {
    const url = readUrl(isRecord(each) ? readField(each, 'href') : each);
    if (url !== undefined) return url;
  }
  return undefined;
};

/** Often on another host than the actor, but on no port of which the actor's handle says nothing. */
const readIcon = (value: unknown, id: string): string | undefined => {
  const [first] = readList(value, 1);
  const url = isRecord(first) ? readPage(readField(first, 'url')) : readUrl(first);
  return url !== undefined && isPortOfPeer(new URL(url), new URL(id)) ? url : undefined;
};

/** `PropertyValue` among the attachments, as Mastodon and its kin have them. */
const readFields = (value: unknown): NonNullable<RemoteActor['fields']> =>
  readList(value, MAX_FIELDS).flatMap((each) => {
    if (!isRecord(each) || !readTypes(each).includes('PropertyValue')) return [];
    const name = readText(readField(each, 'name'), MAX_FIELD);
    const text = readText(readField(each, 'value'), MAX_FIELD);
    return name === undefined || text === undefined ? [] : [{ name, value: text }];
  });

const readFlag = (value: unknown): boolean | undefined => (typeof value === 'boolean' ? value : undefined);

const readInside = (value: unknown, name: string): unknown =>
  isRecord(value) ? readField(value, name) : undefined;

/**
 * The actor with those of its keys that are its own for sure: the id of the key leads to the actor's document, or it
 * is `proven`, fetched under its own URL a moment ago. Else one actor could claim the key ids of all others on its
 * host, and these could never sign again.
 */
export const withOwnKeys = (actor: RemoteActor, proven?: string): RemoteActor => ({
  ...actor,
  keys: actor.keys.filter(({ id }) => id === proven || withoutFragment(id) === withoutFragment(actor.id)),
});

/**
 * The handle that an actor claims for itself (FEP-2c59, `webfinger`), or undefined. A claim and no more: it may
 * name any host, so it counts only once that host's WebFinger leads back to the actor.
 */
export const readClaimedHandle = (json: unknown): Handle | undefined =>
  isRecord(json) ? readHandle(readField(json, 'webfinger')) : undefined;

/**
 * An actor of another server, from its document and the URL where that was found. The id must be that URL;
 * inbox, shared inbox, followers and keys must lie on the id's host. Keys that are not acceptable are left out,
 * so `keys` may be empty. `handle` is made of name and host of the id: whoever needs the canonical one asks
 * WebFinger. Total: any JSON may come.
 */
export const parseActor = (json: unknown, fetchedUrl: string): Parsed<RemoteActor> => {
  if (!isRecord(json)) return malformed('an actor that is no object');
  const type = typeOf(json);
  if (type === undefined) return malformed('not an actor');
  const id = readIdText(readField(json, 'id'));
  const host = id === undefined ? undefined : hostOf(id);
  if (id === undefined || host === undefined) return malformed('an actor without a usable id');
  if (!sameUrl(id, fetchedUrl)) return malformed('the id is not where the actor was found');
  const inbox = readOwn(readField(json, 'inbox'), id);
  if (inbox === undefined) return malformed('no inbox on the host of the id');
  const preferredUsername = readUsername(json);
  const handle = readHandle(`${preferredUsername ?? ''}@${host}`);
  if (preferredUsername === undefined || handle === undefined)
    return malformed('no usable preferredUsername');
  return done({
    id,
    type,
    preferredUsername,
    handle,
    name: readText(readField(json, 'name'), MAX_NAME),
    summary: readText(readField(json, 'summary'), MAX_SUMMARY),
    url: readPage(readField(json, 'url')),
    inbox,
    sharedInbox: readOwn(readInside(readField(json, 'endpoints'), 'sharedInbox'), id),
    followers: readOwn(readField(json, 'followers'), id),
    icon: readIcon(readField(json, 'icon'), id),
    manuallyApprovesFollowers: readField(json, 'manuallyApprovesFollowers') === true,
    acceptsChatMessages: readInside(readField(json, 'capabilities'), 'acceptsChatMessages') === true,
    bridgeable: readFlag(readField(json, 'bridgeable')),
    movedTo: readId(readField(json, 'movedTo')),
    alsoKnownAs: readList(readField(json, 'alsoKnownAs'), MAX_LINKS).flatMap((each) => readId(each) ?? []),
    fields: readFields(readField(json, 'attachment')),
    keys: readKeys(json, id),
  });
};
