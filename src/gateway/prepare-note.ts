import type { OutgoingNote } from '../bridge/activity.ts';
import type { LocalActor, RemoteActor } from '../bridge/actor.ts';
import { jidToHandle } from '../bridge/address.ts';
import { messageToNote } from '../bridge/message-to-note.ts';
import { done, type Outcome, refuse } from '../bridge/outcome.ts';
import { permitSender } from '../bridge/policy.ts';
import type { IncomingMessage } from '../bridge/stanza.ts';
import { type Chat, countFirstContacts, findChat } from '../store/chats.ts';
import { findUserByJid } from '../store/users.ts';
import { resolveActor } from './actors.ts';
import { type Asker, hostRefusal, mayReach } from './permission.ts';
import type { GatewayPorts } from './ports.ts';
import { findOrRegister } from './users.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** A chat message that may go, translated. */
export type Prepared = {
  readonly user: LocalActor;
  readonly actor: RemoteActor;
  readonly isFirst: boolean;
  readonly noteId: string;
  readonly note: OutgoingNote;
};

/**
 * All that can refuse a message, before anything of it is written; who writes for the first time is registered
 * last. `undefined`: nothing to carry.
 */
export const prepareNote = async (
  deps: GatewayPorts,
  message: IncomingMessage,
): Promise<Outcome<Prepared | undefined>> => {
  const carriable = isCarriable(message);
  if (!carriable.ok) return carriable;
  if (!carriable.value) return done(undefined);
  const known = await findUserByJid(deps.db, message.fromBare);
  const speaks = permitSender(deps.rules, message.fromBare, known !== undefined);
  if (!speaks.ok) return speaks;
  if (!deps.allowMessage(message.fromBare)) return refuse('over-limit');
  const address = jidToHandle(message.toBare, deps.domain);
  if (!address.ok) return address;
  const host = await hostRefusal(deps, address.value.handle.host);
  if (host !== undefined) return { ok: false, refusal: host };
  const actor = await resolveActor(deps, address.value.handle);
  if (!actor.ok) return actor;
  const chat =
    known === undefined ? undefined : await findChat(deps.db, { userId: known.id, actorId: actor.value.id });
  const permitted = await mayWrite(deps, { jid: message.fromBare, id: known?.id }, actor.value, chat);
  if (!permitted.ok) return permitted;
  const user = await findOrRegister(deps, message.fromBare);
  if (!user.ok) return user;
  return translate(deps, message, user.value, actor.value, chat);
};

/** Corrections, retractions and reactions have no translation yet: refused in words, never sent as new text. */
const isCarriable = (message: IncomingMessage): Outcome<boolean> => {
  if (message.encrypted) return refuse('encrypted');
  const special = message.replaces ?? message.retracts ?? message.reactions;
  if (message.type === 'groupchat' || special !== undefined) return refuse('not-supported');
  return done(message.body !== undefined || message.oob.length > 0);
};

const mayWrite = async (
  deps: GatewayPorts,
  user: Asker,
  actor: RemoteActor,
  chat: Chat | undefined,
): Promise<Outcome<void>> => {
  const permitted = await mayReach(deps, user, actor, chat === undefined ? 'first-message' : 'message');
  if (!permitted.ok || chat !== undefined || user.id === undefined || deps.firstContactsPerDay === 0)
    return permitted;
  const since = new Date(deps.now().getTime() - DAY_MS);
  const soFar = await countFirstContacts(deps.db, user.id, since);
  return soFar < deps.firstContactsPerDay ? done(undefined) : refuse('over-limit');
};

const translate = (
  deps: GatewayPorts,
  message: IncomingMessage,
  user: LocalActor,
  actor: RemoteActor,
  chat: Chat | undefined,
): Outcome<Prepared> => {
  const noteId = deps.newId();
  const newConversation = deps.urls.conversation(noteId);
  const note = messageToNote(message, {
    urls: deps.urls,
    senderId: user.id,
    recipient: actor,
    noteId,
    now: deps.now().toISOString(),
    inReplyTo: chat?.newestObjectId,
    context: chat?.context ?? newConversation,
    conversation: chat?.conversation ?? newConversation,
  });
  if (!note.ok) return note;
  return done({ user, actor, isFirst: chat === undefined, noteId, note: note.value });
};
