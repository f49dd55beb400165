import { createHash } from 'node:crypto';
import type { Activity, ActivityRef } from '../bridge/activity.ts';
import { done, malformed, type Parsed } from '../bridge/outcome.ts';
import { cleanText } from '../bridge/text.ts';
import {
  isRecord,
  type JsonRecord,
  readField,
  readId,
  readIdText,
  readList,
  readText,
  readTypes,
  sameHost,
} from './json-fields.ts';
import { isActorDocument, parseActor, withOwnKeys } from './parse-actor.ts';
import { noteTypeOf, parseNote, readTime } from './parse-note.ts';
import { readReaction } from './parse-reaction.ts';

/** What the gate of the inbox needs to know before it looks any closer. `id` is missing of what is not carried alone. */
export type Peek = { readonly id: string | undefined; readonly actor: string; readonly type: string };

type Named = { readonly id: string; readonly actor: string };

type Carried = Exclude<Activity['type'], 'Other' | 'UpdateActor'>;

const CARRIED: readonly Carried[] = [
  'Create',
  'Update',
  'Follow',
  'Accept',
  'Reject',
  'Undo',
  'Block',
  'Delete',
  'Like',
  'EmojiReact',
  'Announce',
  'Move',
  'Flag',
  'QuoteRequest',
];

const carriedType = (name: string): Carried | undefined => CARRIED.find((type) => type === name);

/** Whether an activity of this type means anything here; of all others nothing needs to be kept. */
export const isCarried = (name: string): boolean => carriedType(name) !== undefined;

/** One object, though it may come in a list of one. */
const onlyOf = (value: unknown): unknown =>
  Array.isArray(value) ? (value.length === 1 ? value[0] : undefined) : value;

/**
 * COMPAT WriteFreely: its Create, Update and Delete of a post all have the id of the post, and would be taken for copies
 * of the first of them. The later ones get an id of their own here: of an Update by the time that it names, or, as older
 * versions name none, by all that it says.
 */
const tellApart = (id: string, type: string, json: JsonRecord): string => {
  const object = onlyOf(readField(json, 'object'));
  if ((type !== 'Update' && type !== 'Delete') || readId(object) !== id) return id;
  if (type === 'Delete') return `${id}#Delete`;
  const updated = isRecord(object) ? readTime(readField(object, 'updated')) : undefined;
  return `${id}#Update/${updated ?? createHash('sha256').update(JSON.stringify(json)).digest('base64url')}`;
};

/**
 * The cheap look at an activity, before its signature is checked. The id lies on the actor's host, else anybody
 * could use up the ids of others; what is not carried needs none (COMPAT Mastodon: its Add and Remove have no id).
 * `type` is the first one that is carried, else the first one given. Total.
 */
export const peekActivity = (json: unknown): Parsed<Peek> => {
  if (!isRecord(json)) return malformed('an activity that is no object');
  const actor = readId(readField(json, 'actor'));
  if (actor === undefined) return malformed('an activity without a usable actor');
  const types = readTypes(json);
  const type = types.find(isCarried) ?? types[0];
  if (type === undefined || type === '') return malformed('an activity without a type');
  const id = readIdText(readField(json, 'id'));
  if (id === undefined && isCarried(type)) return malformed('an activity without a usable id');
  if (id !== undefined && !sameHost(id, actor))
    return malformed('an id that is not on the host of the actor');
  return done({ id: id === undefined ? undefined : tellApart(id, type, json), actor, type });
};

/** An activity inside an activity, whole or as an id. What it says is a claim of the outer actor, no more. */
const readRef = (value: unknown): ActivityRef | undefined => {
  const only = onlyOf(value);
  const id = readId(only);
  if (!isRecord(only)) {
    return id === undefined ? undefined : { id, type: undefined, actor: undefined, object: undefined };
  }
  const ref: ActivityRef = {
    id,
    type: readTypes(only)[0],
    actor: readId(readField(only, 'actor')),
    object: readId(readField(only, 'object')),
  };
  return ref.id === undefined && ref.object === undefined ? undefined : ref;
};

/** A Create or Update that embeds nothing, or a thing that is not shown as a note (an actor), is not carried. */
const parseWithNote = (
  type: 'Create' | 'Update',
  json: JsonRecord,
  { id, actor }: Named,
): Parsed<Activity> => {
  const object = onlyOf(readField(json, 'object'));
  if (!isRecord(object)) {
    return readId(object) === undefined
      ? malformed(`${type} without an object`)
      : done({ type: 'Other', id, actor, name: type });
  }
  if (type === 'Update' && isActorDocument(object)) return parseActorUpdate(object, { id, actor });
  if (noteTypeOf(object) === undefined) return done({ type: 'Other', id, actor, name: type });
  const note = parseNote(object, json, actor);
  return note.ok ? done({ type, id, actor, note: note.value }) : note;
};

/** Its own document, as it would be found at its id; of anybody else it says nothing (FEP-fe34). */
const parseActorUpdate = (object: JsonRecord, { id, actor }: Named): Parsed<Activity> => {
  const profile = parseActor(object, actor);
  return profile.ok ? done({ type: 'UpdateActor', id, actor, profile: withOwnKeys(profile.value) }) : profile;
};

const parseWithRef = (
  type: 'Accept' | 'Reject' | 'Undo',
  json: JsonRecord,
  { id, actor }: Named,
): Parsed<Activity> => {
  const ref = readRef(readField(json, 'object'));
  if (ref === undefined) return malformed(`${type} without a usable object`);
  // Only who did a thing may undo it.
  if (type === 'Undo' && ref.actor !== undefined && ref.actor !== actor)
    return malformed('an Undo of what somebody else did');
  return done({ type, id, actor, ref });
};

const parseReaction = (
  type: 'Like' | 'EmojiReact',
  json: JsonRecord,
  { id, actor }: Named,
): Parsed<Activity> => {
  const object = readId(readField(json, 'object'));
  if (object === undefined) return malformed(`${type} without a usable object`);
  const content = readReaction(json);
  return done({ type, id, actor, object, ...(content === undefined ? {} : { content }) });
};

const parseWithObject = (
  type: 'Follow' | 'Block' | 'Delete' | 'Announce',
  json: JsonRecord,
  { id, actor }: Named,
): Parsed<Activity> => {
  const object = readId(readField(json, 'object'));
  return object === undefined
    ? malformed(`${type} without a usable object`)
    : done({ type, id, actor, object });
};

/** Only itself may an actor move (FEP-7628). */
const parseMove = (json: JsonRecord, { id, actor }: Named): Parsed<Activity> => {
  const object = readId(readField(json, 'object'));
  const target = readId(readField(json, 'target'));
  if (object !== actor) return malformed('a Move of somebody else');
  if (target === undefined || target === actor) return malformed('a Move to nowhere');
  return done({ type: 'Move', id, actor, object, target });
};

/** FEP-044f: the post that would quote comes whole or as an id; only its id is of use here. */
const parseQuoteRequest = (json: JsonRecord, { id, actor }: Named): Parsed<Activity> => {
  const object = readId(readField(json, 'object'));
  if (object === undefined) return malformed('QuoteRequest without a usable object');
  return done({ type: 'QuoteRequest', id, actor, object, instrument: readId(readField(json, 'instrument')) });
};

/** Of the objects only so many are looked at, and of the words only so much, as Mastodon does. */
const MAX_REPORTED = 100;
const MAX_COMPLAINT = 5_000;

const parseFlag = (json: JsonRecord, { id, actor }: Named): Parsed<Activity> => {
  const objects = readList(readField(json, 'object'), MAX_REPORTED).flatMap((each) => readId(each) ?? []);
  if (objects.length === 0) return malformed('a Flag of nothing');
  // COMPAT: Lemmy gives the reason as the summary.
  const reason =
    readText(readField(json, 'content'), MAX_COMPLAINT) ??
    readText(readField(json, 'summary'), MAX_COMPLAINT);
  const content = cleanText(reason ?? '');
  return done({ type: 'Flag', id, actor, objects, content });
};

/**
 * The one place where JSON from the Fediverse becomes an activity: lenient in shape (one value or a list, an id
 * or the thing itself), strict in ownership (an id on the actor's host, a note of the actor alone). Lists are
 * cut at their limits: 500 addressed, 200 tags, 16 attachments. Unknown types become 'Other'. Total: never
 * throws, whatever comes. Whether the actor signed it is for the caller to know.
 */
export const parseActivity = (json: unknown): Parsed<Activity> => {
  if (!isRecord(json)) return malformed('an activity that is no object');
  const peeked = peekActivity(json);
  if (!peeked.ok) return peeked;
  const { id, actor, type: name } = peeked.value;
  const type = carriedType(name);
  if (type === undefined || id === undefined) return done({ type: 'Other', id, actor, name });
  const named = { id, actor };
  switch (type) {
    case 'Create':
    case 'Update':
      return parseWithNote(type, json, named);
    case 'Accept':
    case 'Reject':
    case 'Undo':
      return parseWithRef(type, json, named);
    case 'Follow':
    case 'Block':
    case 'Delete':
    case 'Announce':
      return parseWithObject(type, json, named);
    case 'Like':
    case 'EmojiReact':
      return parseReaction(type, json, named);
    case 'Move':
      return parseMove(json, named);
    case 'Flag':
      return parseFlag(json, named);
    case 'QuoteRequest':
      return parseQuoteRequest(json, named);
  }
};
