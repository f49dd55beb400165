import { createHash } from 'node:crypto';
import type { Note } from '../bridge/activity.ts';
import type { LocalActor, RemoteActor } from '../bridge/actor.ts';
import { comparableText } from '../bridge/note-changes.ts';
import { type MessageFacts, noteToMessages } from '../bridge/note-to-message.ts';
import { visibilityOf } from '../bridge/note-visibility.ts';
import { findBlocks } from '../store/blocks.ts';
import { advanceChat, type Chat, findChat, openChat } from '../store/chats.ts';
import type { Db } from '../store/database.ts';
import { findByObject } from '../store/messages.ts';
import { rememberShown } from '../store/shown-notes.ts';
import { enqueueStanza } from '../store/stanzas.ts';
import { lockObject } from '../store/tombstones.ts';
import { noteKnownBy } from './activities.ts';
import { signerOf } from './actors.ts';
import type { GatewayPorts, HasIdentity } from './ports.ts';
import { stanzaIdOf } from './stanza-id.ts';
import { activeUsers } from './users.ts';

/** How something came in. */
export type Arrival = { readonly receivedAt: Date };

/** One note on its way to one XMPP user. */
export type Showing = {
  readonly note: Note;
  readonly user: LocalActor;
  readonly author: RemoteActor;
  /** The author's bare JID. */
  readonly contact: string;
  readonly arrival: Arrival;
};

/**
 * Each XMPP user who is addressed or mentioned gets the note once, as one message and one for each file; nobody
 * gets one that its author has deleted already.
 */
export const showNote = async (deps: GatewayPorts, note: Note, arrival: Arrival): Promise<void> => {
  const users = await activeUsers(deps, [
    ...note.to,
    ...note.cc,
    ...note.mentions.map((mention) => mention.href),
  ]);
  if (users.length === 0) return;
  const { actor: author, contact } = await signerOf(deps, note.attributedTo);
  if (contact === undefined) return deps.log.warn('note.unaddressable', { actor: author.id });
  for (const user of users) {
    if ((await findBlocks(deps.db, { userId: user.id, actorId: author.id })).byUser)
      await noteKnownBy(deps.db, user.id, author);
    else
      await deps.db.transaction((tx) => commitMessages(deps, tx, { note, user, author, contact, arrival }));
  }
  deps.wake.stanzas();
};

const commitMessages = async (deps: GatewayPorts, tx: Db, showing: Showing): Promise<void> => {
  const { note, user, author } = showing;
  const pair = { userId: user.id, actorId: author.id };
  await lockObject(tx, note.id);
  const before = await findChat(tx, pair);
  const messages = noteToMessages(note, {
    ...(await factsOf(deps, tx, showing, before)),
    stanzaId: (part) => stanzaIdOf(note.id, user.jid, part),
  });
  const publishedAt = notLater(toDate(note.published), showing.arrival.receivedAt);
  const isNew = await rememberShown(tx, {
    ...pair,
    objectId: note.id,
    stanzaId: messages[0]?.id ?? stanzaIdOf(note.id, user.jid, 0),
    parts: partsOf(messages),
    publishedAt,
    versionAt: toDate(note.updated),
    textDigest: textDigest(deps, note, user),
  });
  // It may have been deleted before it came: then no chat says that its server knows the user.
  if (!isNew) return await noteKnownBy(tx, user.id, author);
  const conversation = note.conversation ?? note.context ?? deps.urls.conversation(deps.newId());
  const context = note.context ?? conversation;
  await openChat(tx, { ...pair, startedBy: 'actor', context, conversation });
  await advanceChat(tx, { ...pair, newestObjectId: note.id, context, conversation, publishedAt });
  for (const message of messages) await enqueueStanza(tx, message);
};

/** 0 for the text, 1 and on for the files (as `stanzaId` counts them). */
const partsOf = (messages: ReturnType<typeof noteToMessages>): readonly number[] => {
  const hasText = messages[0]?.oob === undefined;
  return messages.map((_, index) => (hasText ? index : index + 1));
};

export const toDate = (time: string | undefined): Date | undefined =>
  time === undefined ? undefined : new Date(time);

/** A clock that runs ahead must not make every later note look late. */
const notLater = (time: Date | undefined, limit: Date): Date | undefined =>
  time !== undefined && time > limit ? limit : time;

/** The user's own URLs in the Fediverse. */
const selfHrefsOf = (deps: HasIdentity, user: LocalActor): readonly string[] => [
  deps.urls.actor(user.id),
  deps.urls.profile(user.name),
];

/** A hash of what is compared when the note changes: the text itself is not kept. */
export const textDigest = (deps: HasIdentity, note: Note, user: LocalActor): Buffer =>
  createHash('sha256')
    .update(`${note.id}\n${comparableText(note, selfHrefsOf(deps, user))}`)
    .digest();

/** What a rendering needs to know beside the note. `chat` is where the conversation stood before it. */
export const factsOf = async (
  deps: HasIdentity,
  tx: Db,
  { note, user, author, contact, arrival }: Showing,
  chat: Chat | undefined,
): Promise<Omit<MessageFacts, 'stanzaId'>> => {
  const chatOfBoth = { userId: user.id, actorId: author.id };
  const answered =
    note.inReplyTo === undefined
      ? undefined
      : await findByObject(tx, { ...chatOfBoth, objectId: note.inReplyTo });
  return {
    from: contact,
    to: user.jid,
    selfHrefs: selfHrefsOf(deps, user),
    others: othersIn(note, chat, [deps.urls.actor(user.id), author.id]),
    visibility: visibilityOf(note, author.followers),
    acceptedAt: arrival.receivedAt.toISOString(),
    ...(answered?.stanzaId === undefined
      ? {}
      : { replyTo: { id: answered.stanzaId, to: answered.direction === 'out' ? user.jid : contact } }),
  };
};

/** Who else was written to: told when a conversation begins, not with every note of it. */
const othersIn = (note: Note, chat: Chat | undefined, known: readonly string[]): readonly string[] => {
  const conversation = note.conversation ?? note.context;
  if (chat !== undefined && conversation !== undefined && chat.conversation === conversation) return [];
  return note.mentions
    .filter(({ href }) => !known.includes(href) && [...note.to, ...note.cc].includes(href))
    .map(({ href, name }) => name ?? href);
};
