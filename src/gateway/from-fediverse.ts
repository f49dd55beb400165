import type { Activity, Note } from '../bridge/activity.ts';
import type { LocalActor, RemoteActor } from '../bridge/actor.ts';
import { noteToMessages } from '../bridge/note-to-message.ts';
import { visibilityOf } from '../bridge/note-visibility.ts';
import { findBlocks } from '../store/blocks.ts';
import { advanceChat, type Chat, findChat, openChat } from '../store/chats.ts';
import type { Db } from '../store/database.ts';
import { findByObject, rememberPair } from '../store/messages.ts';
import { enqueueStanza } from '../store/stanzas.ts';
import { signerOf } from './actors.ts';
import type { GatewayPorts } from './ports.ts';
import { carryAnswer, carryBlock, carryFollow, carryUndo } from './relations.ts';
import { stanzaIdOf } from './stanza-id.ts';
import { activeUsers } from './users.ts';

/**
 * A verified activity from the inbox: its signer is its actor. Each case commits its own effect; a case that
 * comes twice changes nothing. Throws when the gateway is in trouble: then the row comes again.
 */
export const carryActivity = async (deps: GatewayPorts, activity: Activity): Promise<void> => {
  switch (activity.type) {
    case 'Create':
      return await carryNote(deps, activity.note);
    case 'Follow':
      return await carryFollow(deps, activity);
    case 'Accept':
    case 'Reject':
      return await carryAnswer(deps, activity);
    case 'Undo':
      return await carryUndo(deps, activity);
    case 'Block':
      return await carryBlock(deps, activity);
    case 'Delete':
    case 'Other':
      return;
  }
};

/** Each XMPP user who is addressed or mentioned gets the note once, as one message and one for each file. */
const carryNote = async (deps: GatewayPorts, note: Note): Promise<void> => {
  const users = await activeUsers(deps, [
    ...note.to,
    ...note.cc,
    ...note.mentions.map((mention) => mention.href),
  ]);
  if (users.length === 0) return;
  const { actor: author, contact } = await signerOf(deps, note.attributedTo);
  if (contact === undefined) return deps.log.warn('note.unaddressable', { actor: author.id });
  for (const user of users) {
    if ((await findBlocks(deps.db, { userId: user.id, actorId: author.id })).byUser) continue;
    await deps.db.transaction((tx) => commitMessages(deps, tx, note, user, author, contact));
  }
  deps.wake.stanzas();
};

const commitMessages = async (
  deps: GatewayPorts,
  tx: Db,
  note: Note,
  user: LocalActor,
  author: RemoteActor,
  contact: string,
): Promise<void> => {
  const pair = { userId: user.id, actorId: author.id };
  const firstId = stanzaIdOf(note.id, user.jid, 0);
  const isNew = await rememberPair(tx, {
    ...pair,
    direction: 'in',
    stanzaId: firstId,
    objectId: note.id,
  });
  if (!isNew) return;
  const before = await findChat(tx, pair);
  const conversation = note.conversation ?? note.context ?? deps.urls.conversation(deps.newId());
  const context = note.context ?? conversation;
  await openChat(tx, { ...pair, startedBy: 'actor', context, conversation });
  await advanceChat(tx, { ...pair, newestObjectId: note.id, context, conversation });
  const answered = note.inReplyTo === undefined ? undefined : await findByObject(tx, note.inReplyTo, user.id);
  const messages = noteToMessages(note, {
    from: contact,
    to: user.jid,
    selfHrefs: [deps.urls.actor(user.id), deps.urls.profile(user.name)],
    others: othersIn(note, before, [deps.urls.actor(user.id), author.id]),
    stanzaId: (part) => stanzaIdOf(note.id, user.jid, part),
    visibility: visibilityOf(note, author.followers),
    ...(answered?.stanzaId === undefined
      ? {}
      : { replyTo: { id: answered.stanzaId, to: answered.direction === 'out' ? user.jid : contact } }),
  });
  for (const message of messages) await enqueueStanza(tx, message);
};

/** Who else was written to: told when a conversation begins, not with every note of it. */
const othersIn = (note: Note, chat: Chat | undefined, known: readonly string[]): readonly string[] => {
  const conversation = note.conversation ?? note.context;
  if (chat !== undefined && conversation !== undefined && chat.conversation === conversation) return [];
  return note.mentions
    .filter(({ href }) => !known.includes(href) && [...note.to, ...note.cc].includes(href))
    .map(({ href, name }) => name ?? href);
};
