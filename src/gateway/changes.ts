import type { Activity, Note } from '../bridge/activity.ts';
import { noteToCorrection } from '../bridge/note-changes.ts';
import { findBlocks } from '../store/blocks.ts';
import type { Db } from '../store/database.ts';
import { findHolders, findShown, isUsedByOther, type ShownNote, updateShown } from '../store/shown-notes.ts';
import { enqueueStanza } from '../store/stanzas.ts';
import { lockObject } from '../store/tombstones.ts';
import { findUserById } from '../store/users.ts';
import { signerOf } from './actors.ts';
import { carryFarewell } from './farewell.ts';
import type { GatewayPorts } from './ports.ts';
import { type Arrival, factsOf, type Showing, showNote, textDigest, toDate } from './show-note.ts';
import { stanzaIdOf } from './stanza-id.ts';
import { takeBack } from './take-back.ts';

/** An Update of a note that nobody here was shown counts as its Create for so long, as it does for Mastodon. */
const UNKNOWN_FOR_MS = 86_400_000;

/**
 * An edited note becomes a correction for everybody who was shown it, and for nobody else: its audience is that of
 * the first version. One that overtook its Create is shown as it is, once; of an id that another actor used, and that does
 * not lie below its author's, it is taken for an attempt at what is not its own.
 */
export const carryUpdate = async (
  deps: GatewayPorts,
  { id, note }: Extract<Activity, { type: 'Create' | 'Update' }>,
  arrival: Arrival,
): Promise<void> => {
  const key = { objectId: note.id, actorId: note.attributedTo };
  const holders = await findHolders(deps.db, key);
  if (holders.length === 0) {
    const publishedAt = toDate(note.published);
    const isRecent =
      publishedAt !== undefined && arrival.receivedAt.getTime() - publishedAt.getTime() < UNKNOWN_FOR_MS;
    const isOwn = key.objectId.startsWith(`${key.actorId}/`);
    if (isRecent && (isOwn || !(await isUsedByOther(deps.db, key)))) await showNote(deps, note, arrival);
    return;
  }
  const { actor: author, contact } = await signerOf(deps, note.attributedTo);
  if (contact === undefined) return;
  for (const userId of holders) {
    const user = await findUserById(deps.db, userId);
    if (user?.state !== 'active') continue;
    if ((await findBlocks(deps.db, { userId, actorId: author.id })).byUser) continue;
    await deps.db.transaction((tx) => correct(deps, tx, { note, user, author, contact, arrival }, id));
  }
  deps.wake.stanzas();
};

/** Only a newer version with another text is shown: most Updates change something that is not. */
const correct = async (deps: GatewayPorts, tx: Db, showing: Showing, activityId: string): Promise<void> => {
  const { note, user, author } = showing;
  await lockObject(tx, note.id);
  const shown = await findShown(tx, { objectId: note.id, userId: user.id, actorId: author.id });
  if (shown === undefined || !isNewer(note, shown)) return;
  const digest = textDigest(deps, note, user);
  const next = { ...shown, versionAt: toDate(note.updated) ?? shown.versionAt, textDigest: digest };
  if (shown.textDigest?.equals(digest) === true) return await updateShown(tx, next);
  const firstId = stanzaIdOf(note.id, user.jid, 0);
  const hadText = shown.parts.includes(0);
  // A text that was added to a file becomes what the text would have been.
  const id = hadText ? stanzaIdOf(`${note.id} ${note.updated ?? activityId}`, user.jid, 0) : firstId;
  const facts = await factsOf(deps, tx, showing, undefined);
  await updateShown(tx, { ...next, parts: hadText ? shown.parts : [0, ...shown.parts] });
  await enqueueStanza(tx, noteToCorrection(note, { ...facts, id, replaces: hadText ? firstId : undefined }));
};

/** By the author's own clock. An Update that names no time cannot be placed: it counts when it comes. */
const isNewer = (note: Note, { versionAt }: ShownNote): boolean =>
  versionAt === undefined || note.updated === undefined || Date.parse(note.updated) > versionAt.getTime();

/**
 * What its owner deletes is retracted where it was shown, and never shown where it was not yet. Whose it is was
 * stored with it: a Delete by anybody else, of the same host too, finds nothing. An actor may delete itself.
 */
export const carryDelete = async (
  deps: GatewayPorts,
  { actor, object }: Extract<Activity, { type: 'Delete' }>,
  { receivedAt }: Arrival,
): Promise<void> => {
  if (object === actor) return await carryFarewell(deps, actor);
  await takeBack(deps, { objectId: object, actorId: actor }, receivedAt);
};
