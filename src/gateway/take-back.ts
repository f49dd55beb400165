import { toRetraction } from '../bridge/note-changes.ts';
import { skipDeleted } from '../store/chats.ts';
import type { Db } from '../store/database.ts';
import { findActor } from '../store/remote-actors.ts';
import { markDeleted, type ShownNote } from '../store/shown-notes.ts';
import { enqueueStanza } from '../store/stanzas.ts';
import { lockObject, type OwnedObject, saveTombstone } from '../store/tombstones.ts';
import { findUserById } from '../store/users.ts';
import { contactJid } from './actors.ts';
import type { GatewayPorts } from './ports.ts';
import { stanzaIdOf } from './stanza-id.ts';

/** What this owner said of this object is shown no more: retracted where it was, never shown where it was not yet. */
export const takeBack = async (
  deps: GatewayPorts,
  { objectId, actorId }: OwnedObject,
  receivedAt: Date,
): Promise<void> => {
  // What is known of the author is enough: its server may be gone by now.
  const stored = await findActor(deps.db, actorId);
  const contact = stored && contactJid(deps, stored.actor);
  await deps.db.transaction(async (tx) => {
    await lockObject(tx, objectId);
    await saveTombstone(tx, { objectId, actorId });
    for (const shown of await markDeleted(tx, { objectId, actorId })) {
      await skipDeleted(tx, shown);
      if (contact !== undefined) await retract(tx, shown, contact, receivedAt);
    }
  });
  deps.wake.stanzas();
};

const retract = async (tx: Db, shown: ShownNote, contact: string, receivedAt: Date): Promise<void> => {
  const { objectId, userId, parts } = shown;
  const user = await findUserById(tx, userId);
  if (user?.state !== 'active') return;
  for (const part of parts)
    await enqueueStanza(
      tx,
      toRetraction({
        from: contact,
        to: user.jid,
        acceptedAt: receivedAt.toISOString(),
        id: stanzaIdOf(`${objectId} deleted`, user.jid, part),
        retracts: stanzaIdOf(objectId, user.jid, part),
      }),
    );
};
