import { contactStanzas } from '../bridge/contact-presence.ts';
import type { IncomingPresence } from '../bridge/stanza.ts';
import type { Db } from '../store/database.ts';
import { findPair, lockPair } from '../store/follows.ts';
import { findPhoto } from '../store/pictures.ts';
import { enqueueStanza } from '../store/stanzas.ts';
import { knownPair } from './known-pair.ts';
import type { HasDatabase, HasIdentity, HasPictures, HasPolicy, HasStream, HasWake } from './ports.ts';
import type { Between } from './subscription-step.ts';

type Deps = HasDatabase & HasIdentity & HasPictures & HasStream & HasWake;

/**
 * A probe is answered to where it came from (RFC 6121 4.3.2): with presence where the user is subscribed, else with
 * `unsubscribed`, which is the same for a contact that there is not. Nobody is asked afar.
 */
export const answerProbe = async (deps: Deps, presence: IncomingPresence): Promise<void> => {
  const between = await knownPair(deps, presence);
  await deps.db.transaction(async (tx) => {
    const { out } = between === undefined ? NOTHING : await stateOf(tx, between);
    if (out === 'accepted' && between !== undefined) await tellPresence(deps, tx, between, presence);
    // Pending stays silent: `unsubscribed` would take back the question that is still open.
    else if (out === undefined)
      await enqueueStanza(tx, {
        kind: 'presence',
        type: 'unsubscribed',
        from: presence.toBare,
        to: presence.fromBare,
      });
  });
  deps.wake.stanzas();
};

/**
 * Presence that a user directs at a contact (RFC 6121 4.6) is answered with the contact's, where the user may see it.
 * What a server broadcasts to a follower is not: it asks by itself. Counted, because two that answer each other would
 * never end.
 */
export const answerDirected = async (
  deps: Deps & Pick<HasPolicy, 'allowMessage'>,
  presence: IncomingPresence,
): Promise<void> => {
  const between = await knownPair(deps, presence);
  if (between === undefined) return;
  await deps.db.transaction(async (tx) => {
    const state = await stateOf(tx, between);
    if (state.out !== 'accepted' || state.in === 'accepted') return;
    if (deps.allowMessage(presence.fromBare)) await tellPresence(deps, tx, between, presence);
  });
  deps.wake.stanzas();
};

type State = {
  readonly out: 'pending' | 'accepted' | undefined;
  readonly in: 'pending' | 'accepted' | undefined;
};
const NOTHING: State = { out: undefined, in: undefined };

/** What stands while nothing else is done between the two, so that the answer cannot come behind a later end. */
const stateOf = async (tx: Db, { user, actor }: Between): Promise<State> => {
  const pair = { userId: user.id, actorId: actor.id };
  await lockPair(tx, pair);
  const follows = await findPair(tx, pair);
  return {
    out: follows.find(({ direction }) => direction === 'out')?.state,
    in: follows.find(({ direction }) => direction === 'in')?.state,
  };
};

/** Written while the lock is held, so that what ends it is behind it on the wire as well. */
const tellPresence = async (
  { sendNow, pictures }: HasStream & HasPictures,
  tx: Db,
  { actor }: Between,
  { from, toBare }: IncomingPresence,
): Promise<void> => {
  const photo = await findPhoto(tx, actor.icon);
  if (photo === undefined) pictures.want(actor);
  for (const stanza of contactStanzas(actor, { from: toBare, to: from }, photo))
    if (!sendNow(stanza)) await enqueueStanza(tx, stanza);
};
