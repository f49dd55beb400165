import { handleToJid } from '../bridge/address.ts';
import { contactName } from '../bridge/contact-name.ts';
import { followRequestText } from '../bridge/sentences.ts';
import type { OutgoingStanza } from '../bridge/stanza.ts';
import { type FollowRequest, takeRequests } from '../store/follow-requests.ts';
import { enqueueStanzas } from '../store/stanzas.ts';
import type { HasDatabase, HasIdentity } from './ports.ts';
import { stanzaIdOf } from './stanza-id.ts';

/**
 * Puts requests to follow into the outbox, at most so many: `subscribe` with the person's name. Called while nothing
 * waits there, so that ten thousand people who follow at once are ahead of a chat by no more than that. Returns how
 * many requests were taken off the list.
 */
export const askUsers = (
  { db, domain }: HasDatabase & Pick<HasIdentity, 'domain'>,
  limit: number,
): Promise<number> =>
  db.transaction(async (tx) => {
    const requests = await takeRequests(tx, limit);
    await enqueueStanzas(
      tx,
      requests.flatMap((request) => toStanza(domain, request) ?? []),
    );
    return requests.length;
  });

const toStanza = (
  domain: string,
  { followId, userJid: to, actor }: FollowRequest,
): OutgoingStanza | undefined => {
  const from = handleToJid(actor.handle, domain);
  // An error that comes back names the id.
  const id = stanzaIdOf(followId, to, 0);
  return from === undefined
    ? undefined
    : {
        kind: 'presence',
        type: 'subscribe',
        id,
        from,
        to,
        nick: contactName(actor),
        status: followRequestText(),
      };
};
