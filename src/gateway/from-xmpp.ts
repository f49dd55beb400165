import { createHash } from 'node:crypto';
import type { OutgoingNote } from '../bridge/activity.ts';
import type { LocalActor, RemoteActor } from '../bridge/actor.ts';
import { jidToHandle, renderHandle } from '../bridge/address.ts';
import { messageToNote } from '../bridge/message-to-note.ts';
import { done, type Outcome, type Refusal, refuse } from '../bridge/outcome.ts';
import { permitSender } from '../bridge/policy.ts';
import { firstContactText, helpText } from '../bridge/sentences.ts';
import type { IncomingMessage } from '../bridge/stanza.ts';
import { advanceChat, type Chat, countFirstContacts, findChat, openChat } from '../store/chats.ts';
import type { Db } from '../store/database.ts';
import { rememberPair } from '../store/messages.ts';
import { insertNote } from '../store/notes.ts';
import { rememberStanza } from '../store/seen-stanzas.ts';
import { enqueueStanza } from '../store/stanzas.ts';
import { findUserByJid } from '../store/users.ts';
import { enqueueActivity } from './activities.ts';
import { contactJid, resolveActor } from './actors.ts';
import { type Asker, hostRefusal, mayReach } from './permission.ts';
import type { GatewayPorts } from './ports.ts';
import { findOrRegister } from './users.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * A chat message of an XMPP user: committed as a direct Note and its delivery, or refused with one error
 * stanza that carries the original id. Throws only when the gateway itself is in trouble (database away):
 * then nothing was committed.
 */
export const carryMessage = async (deps: GatewayPorts, message: IncomingMessage): Promise<void> => {
  if (message.type === 'headline' || message.signalOnly) return;
  if (message.toBare === deps.domain) return await answerHelp(deps, message);
  await deps.reach('x2a.recv');
  const prepared = await prepareNote(deps, message);
  if (!prepared.ok) return await refuseMessage(deps, message, prepared.refusal);
  if (prepared.value === undefined) return;
  const { value } = prepared;
  await deps.db.transaction(async (tx) => {
    await commitNote(deps, tx, message, value);
    await deps.reach('x2a.tx');
  });
  await deps.reach('x2a.committed');
  deps.wake.deliveries();
  deps.wake.stanzas();
};

type Prepared = {
  readonly user: LocalActor;
  readonly actor: RemoteActor;
  readonly isFirst: boolean;
  readonly noteId: string;
  readonly note: OutgoingNote;
};

/** All that can refuse the message, before anything of it is written. `undefined`: nothing to carry. */
const prepareNote = async (
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

/** One transaction: the chat, the note, the pair of ids, the delivery. A stanza that comes again changes nothing. */
const commitNote = async (
  deps: GatewayPorts,
  tx: Db,
  message: IncomingMessage,
  { user, actor, isFirst, noteId, note }: Prepared,
): Promise<void> => {
  if (message.id !== undefined && !(await rememberStanza(tx, stanzaDigest(message)))) return;
  const { context, conversation } = note;
  const pair = { userId: user.id, actorId: actor.id };
  // By another address of the same person a first message may be under way at the same time.
  const begins =
    isFirst && (await openChat(tx, { ...pair, startedBy: 'user', context, conversation })).opened;
  await insertNote(tx, { id: noteId, userId: user.id, audience: note.to, note });
  await rememberPair(tx, { ...pair, direction: 'out', stanzaId: message.id, objectId: note.id });
  await advanceChat(tx, { ...pair, newestObjectId: note.id });
  const activityId = deps.urls.create(noteId);
  const contact = contactJid(deps, actor) ?? message.toBare;
  await enqueueActivity(deps, tx, {
    userId: user.id,
    recipient: actor,
    activity: { type: 'Create', id: activityId, actor: note.attributedTo, note },
    noteId,
    reportTo: {
      kind: 'message',
      user: message.from,
      contact,
      addressed: message.toBare,
      stanzaId: message.id,
      wantsReceipt: message.wantsReceipt,
      lang: message.lang,
    },
  });
  if (begins) await tellFirstContact(deps, tx, user, actor);
};

/** From the gateway's own JID: Mastodon files unasked private mentions away, and nobody would know why. */
const tellFirstContact = (deps: GatewayPorts, tx: Db, user: LocalActor, actor: RemoteActor): Promise<void> =>
  enqueueStanza(tx, {
    kind: 'message',
    type: 'chat',
    id: `first-${deps.newId()}`,
    from: deps.domain,
    to: user.jid,
    body: firstContactText({ handle: renderHandle(actor.handle) }),
    lang: 'en',
  });

/**
 * Sender, recipient, id and payload: clients reuse counter ids, so that the id alone would drop new messages
 * (product promise 2).
 */
const stanzaDigest = (message: IncomingMessage): Buffer =>
  createHash('sha256')
    .update(
      JSON.stringify([
        message.from,
        message.toBare,
        message.id,
        message.body ?? null,
        message.subject ?? null,
        message.replyTo ?? null,
        message.oob,
      ]),
    )
    .digest();

const refuseMessage = async (
  deps: GatewayPorts,
  message: IncomingMessage,
  refusal: Refusal,
): Promise<void> => {
  await enqueueStanza(deps.db, {
    kind: 'message-error',
    id: message.id ?? deps.newId(),
    from: message.toBare,
    to: message.from,
    error: deps.toError(refusal, message.lang),
  });
  deps.wake.stanzas();
};

/**
 * Whoever writes to the gateway itself is told what it is and how to reach somebody; within the allowance,
 * so that it cannot talk with another machine for ever.
 */
const answerHelp = async (deps: GatewayPorts, message: IncomingMessage): Promise<void> => {
  if (message.body === undefined || message.type === 'groupchat') return;
  if (!deps.allowMessage(message.fromBare)) return;
  await enqueueStanza(deps.db, {
    kind: 'message',
    type: 'chat',
    id: `help-${deps.newId()}`,
    from: deps.domain,
    to: message.from,
    body: helpText({ domain: deps.domain }),
    lang: 'en',
  });
  deps.wake.stanzas();
};
