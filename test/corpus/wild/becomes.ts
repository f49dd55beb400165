import { isRecord } from '../../../src/activitypub/json-fields.ts';
import { nameUndo } from '../../../src/activitypub/name-undo.ts';
import { parseActivity } from '../../../src/activitypub/parse.ts';
import { parseActor } from '../../../src/activitypub/parse-actor.ts';
import { parseJson } from '../../../src/activitypub/parse-json.ts';
import type { Activity, ActivityRef, Note } from '../../../src/bridge/activity.ts';
import { noteToMessages } from '../../../src/bridge/note-to-message.ts';
import { visibilityOf } from '../../../src/bridge/note-visibility.ts';

const ORIGIN = 'https://ap.example';
/** The user to whom all of them are sent. */
export const ALICE = `${ORIGIN}/u/01j9`;

/** What becomes of a document, in one line for each thing that somebody sees or that is done. */
export type Becomes = readonly string[];

const noteToLines = (note: Note): Becomes => {
  const visibility = visibilityOf(note);
  const messages = noteToMessages(note, {
    from: 'somebody%peer.example@ap.example',
    to: 'alice@xmpp.example',
    selfHrefs: [ALICE, 'https://ap.example/@alice'],
    stanzaId: (part) => `s${part}`,
    visibility,
    others: [],
    acceptedAt: '2026-11-21T10:00:00Z',
  });
  const answers = note.inReplyTo === undefined ? [] : [`in answer to ${note.inReplyTo}`];
  return [`${visibility} note`, ...answers, ...messages.map(({ body }) => body ?? '')];
};

const refToText = ({ id, type, actor, object }: ActivityRef): string =>
  `${type ?? 'something'} ${id ?? 'without an id'}${actor === undefined ? '' : ` of ${actor}`}${object === undefined ? '' : ` at ${object}`}`;

const activityToLines = (activity: Activity): Becomes => {
  switch (activity.type) {
    case 'Create':
      return noteToLines(activity.note);
    case 'Update':
      return ['an edit', ...noteToLines(activity.note)];
    case 'UpdateActor':
      return [`the profile of ${activity.profile.id}: ${activity.profile.name ?? ''}`];
    case 'Accept':
    case 'Reject':
    case 'Undo':
      return [`${activity.type} of ${refToText(activity.ref)}`];
    case 'Like':
    case 'EmojiReact':
      return [
        [activity.type, activity.content, 'of', activity.object]
          .filter((word) => word !== undefined)
          .join(' '),
      ];
    case 'Move':
      return [`Move to ${activity.target}`];
    case 'Flag':
      return [`Flag of ${activity.objects.join(' ')}: ${activity.content}`];
    case 'Other':
      return [`nothing (${activity.name})`];
    default:
      return [`${activity.type} of ${activity.object}`];
  }
};

const actorToLines = (json: unknown): Becomes => {
  const actor = isRecord(json) ? parseActor(json, String(json['id'])) : undefined;
  if (actor?.ok !== true) return [`refused: ${actor?.problem}`];
  const { handle, name, keys, sharedInbox } = actor.value;
  const algorithms = `${keys.length} ${keys.length === 1 ? 'key' : 'keys'}`;
  return [`@${handle.user}@${handle.host}, ${name}, ${algorithms}, ${sharedInbox ?? 'no shared inbox'}`];
};

/** An actor's document where the name says so, else an activity. */
export const becomes = (name: string, bytes: Uint8Array): Becomes => {
  const json = parseJson(bytes);
  if (!json.ok) return [`refused: ${json.problem}`];
  if (name.endsWith('-actor')) return actorToLines(json.value);
  const activity = parseActivity(nameUndo(json.value, ORIGIN) ?? json.value);
  return activity.ok ? activityToLines(activity.value) : [`refused: ${activity.problem}`];
};
