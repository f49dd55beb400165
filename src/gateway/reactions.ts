import type { Activity } from '../bridge/activity.ts';
import { reactionText } from '../bridge/sentences.ts';
import { findBlocks } from '../store/blocks.ts';
import { findByObject } from '../store/messages.ts';
import { findHolders, rememberShown } from '../store/shown-notes.ts';
import { enqueueStanza } from '../store/stanzas.ts';
import { lockObject } from '../store/tombstones.ts';
import { findUserById } from '../store/users.ts';
import { signerOf } from './actors.ts';
import type { GatewayPorts } from './ports.ts';
import type { Arrival } from './show-note.ts';
import { stanzaIdOf } from './stanza-id.ts';

type Reaction = Extract<Activity, { type: 'Like' | 'EmojiReact' | 'Announce' }>;

/**
 * A like, a reaction or a boost of what a user wrote becomes a line in the chat, in answer to that message; its Undo
 * takes the line back (`takeBack`), also where it comes first. It counts only from the person who was written to:
 * anybody else had no way to see the message. Kept like a note, under the activity's id.
 */
export const carryReaction = async (
  deps: GatewayPorts,
  reaction: Reaction,
  { receivedAt }: Arrival,
): Promise<void> => {
  const { id, actor: actorId, object } = reaction;
  const [holder] = await findHolders(deps.db, { objectId: object, actorId });
  if (holder === undefined) return;
  const user = await findUserById(deps.db, holder);
  if (user?.state !== 'active') return;
  if ((await findBlocks(deps.db, { userId: user.id, actorId })).byUser) return;
  const { contact } = await signerOf(deps, actorId);
  if (contact === undefined) return;
  await deps.db.transaction(async (tx) => {
    await lockObject(tx, id);
    const message = await findByObject(tx, { objectId: object, userId: user.id, actorId });
    if (message?.direction !== 'out') return;
    const stanzaId = stanzaIdOf(id, user.jid, 0);
    const isNew = await rememberShown(tx, {
      userId: user.id,
      actorId,
      objectId: id,
      stanzaId,
      parts: [0],
      publishedAt: undefined,
      versionAt: undefined,
      textDigest: undefined,
      reaction: true,
    });
    if (!isNew) return;
    await enqueueStanza(tx, {
      kind: 'message',
      type: 'chat',
      id: stanzaId,
      from: contact,
      to: user.jid,
      body: reactionText(reaction),
      lang: 'en',
      publishedAt: receivedAt.toISOString(),
      ...(message.stanzaId === undefined ? {} : { replyTo: { id: message.stanzaId, to: user.jid } }),
    });
  });
  deps.wake.stanzas();
};
