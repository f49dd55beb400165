import { renderActivity } from '../src/activitypub/render.ts';
import type { RemoteActor } from '../src/bridge/actor.ts';
import { messageToNote } from '../src/bridge/message-to-note.ts';
import type { IncomingMessage, OutgoingStanza } from '../src/bridge/stanza.ts';
import { newId } from '../src/ids.ts';
import type { Database } from '../src/store/database.ts';
import { enqueueDelivery } from '../src/store/deliveries.ts';
import { insertNote } from '../src/store/notes.ts';
import { enqueueStanza } from '../src/store/stanzas.ts';
import { ALICE, contactOf, DOMAIN, HOME, URLS } from './people.ts';

const TEXT = 'I shall be at the station at ten, behind the big clock, with both tickets and the umbrella.';

const messageTo = (peer: RemoteActor, id: string): IncomingMessage => ({
  kind: 'message',
  type: 'chat',
  from: `${ALICE.jid}/phone`,
  fromBare: ALICE.jid,
  to: contactOf(peer),
  toBare: contactOf(peer),
  id,
  body: `${TEXT} (${id})`,
  subject: undefined,
  lang: 'en',
  wantsReceipt: true,
  replyTo: undefined,
  replaces: undefined,
  retracts: undefined,
  reactions: undefined,
  oob: [],
  encrypted: false,
  signalOnly: false,
});

/** The note that a chat message of Alice becomes, and the document that is delivered. */
export const composeNote = (peer: RemoteActor, now: Date) => {
  const noteId = newId();
  const made = messageToNote(messageTo(peer, noteId), {
    urls: URLS,
    senderId: ALICE.id,
    recipient: peer,
    noteId,
    now: now.toISOString(),
    inReplyTo: undefined,
    context: URLS.conversation(noteId),
    conversation: URLS.conversation(noteId),
  });
  if (!made.ok) throw new Error(`no note: ${made.refusal.reason}`);
  const activity = {
    type: 'Create',
    id: URLS.create(noteId),
    actor: made.value.attributedTo,
    note: made.value,
  } as const;
  return { noteId, note: made.value, activity };
};

/** Rows as the gateway leaves them after a chat message each, to the peers in turn; all appear at once. */
export const enqueueNotes = async (
  db: Database,
  peers: readonly RemoteActor[],
  count: number,
): Promise<void> => {
  await db.transaction(async (tx) => {
    for (let n = 0; n < count; n += 1) {
      const peer = peers[n % peers.length];
      if (peer === undefined) throw new Error('no peers');
      const { noteId, note, activity } = composeNote(peer, new Date());
      await insertNote(tx, { id: noteId, userId: ALICE.id, audience: note.to, note });
      await enqueueDelivery(tx, {
        activityId: activity.id,
        sender: ALICE.id,
        inbox: peer.inbox,
        host: new URL(peer.inbox).host,
        lane: `${ALICE.id} ${peer.id}`,
        body: JSON.stringify(renderActivity(activity)),
        noteId,
        reportTo: {
          kind: 'message',
          user: `${ALICE.jid}/phone`,
          contact: contactOf(peer),
          addressed: contactOf(peer),
          stanzaId: noteId,
          wantsReceipt: true,
          lang: 'en',
        },
      });
    }
  });
};

/** A chat message for the XMPP user of that number. */
export const composeMessage = (user: number): OutgoingStanza => ({
  kind: 'message',
  type: 'chat',
  id: newId(),
  from: `someone%peer.test@${DOMAIN}`,
  to: `user${user}@${HOME}`,
  body: TEXT,
  lang: 'en',
});

/** Chat messages for `users` XMPP users in turn; all appear at once. */
export const enqueueMessages = async (db: Database, users: number, count: number): Promise<void> => {
  await db.transaction(async (tx) => {
    for (let n = 0; n < count; n += 1) await enqueueStanza(tx, composeMessage(n % users));
  });
};
