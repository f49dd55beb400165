import { createHash } from 'node:crypto';
import type { LocalActor, RemoteActor } from '../bridge/actor.ts';
import { renderHandle } from '../bridge/address.ts';
import type { Refusal } from '../bridge/outcome.ts';
import { firstContactText } from '../bridge/sentences.ts';
import type { IncomingMessage } from '../bridge/stanza.ts';
import { advanceChat, openChat } from '../store/chats.ts';
import type { Db } from '../store/database.ts';
import { rememberPair } from '../store/messages.ts';
import { insertNote } from '../store/notes.ts';
import { rememberStanza } from '../store/seen-stanzas.ts';
import { enqueueStanza } from '../store/stanzas.ts';
import { enqueueActivity } from './activities.ts';
import { contactJid } from './actors.ts';
import { answerCommand } from './commands.ts';
import type { GatewayPorts, Settle } from './ports.ts';
import { type Prepared, prepareNote } from './prepare-note.ts';

/**
 * A chat message of an XMPP user: committed as a direct Note and its delivery, or refused with one error
 * stanza that carries the original id. Throws only when the gateway itself is in trouble (database away):
 * then nothing was committed.
 */
export const carryMessage = async (
  deps: GatewayPorts,
  message: IncomingMessage,
  settle: Settle = settleNothing,
): Promise<void> => {
  if (message.type === 'headline' || message.signalOnly) return;
  if (message.toBare === deps.domain) return await answerAsGateway(deps, message);
  const prepared = await prepareNote(deps, message);
  if (!prepared.ok) return await refuseMessage(deps, message, prepared.refusal, settle);
  if (prepared.value === undefined) return;
  const { value } = prepared;
  await deps.db.transaction(async (tx) => {
    if (!(await settle(tx))) return;
    await commitNote(deps, tx, message, value);
    await deps.reach('x2a.tx');
  });
  await deps.reach('x2a.committed');
  deps.wake.deliveries();
  deps.wake.stanzas();
};

const settleNothing: Settle = async () => true;

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
  settle: Settle,
): Promise<void> => {
  await deps.db.transaction(async (tx) => {
    if (!(await settle(tx))) return;
    await enqueueStanza(tx, {
      kind: 'message-error',
      id: message.id ?? deps.newId(),
      from: message.toBare,
      to: message.from,
      error: deps.toError(refusal, message.lang),
    });
  });
  deps.wake.stanzas();
};

/**
 * Whoever writes to the gateway itself gives a command, or is told what there is and how to reach somebody; within the allowance,
 * so that it cannot talk with another machine for ever.
 */
const answerAsGateway = async (deps: GatewayPorts, message: IncomingMessage): Promise<void> => {
  if (message.body === undefined || message.type === 'groupchat') return;
  if (!deps.allowMessage(message.fromBare)) return;
  await enqueueStanza(deps.db, {
    kind: 'message',
    type: 'chat',
    id: `help-${deps.newId()}`,
    from: deps.domain,
    to: message.from,
    body: await answerCommand(deps, message.fromBare, message.body),
    lang: 'en',
  });
  deps.wake.stanzas();
};
