import type { PresenceFact } from '../../../src/bridge/subscription.ts';
import { createGateway } from './gateway.ts';
import { act, hear, newPeer, type PersonAct, type Said } from './peer.ts';
import {
  NO_ITEM,
  type RosterStep,
  receiveFromContact,
  removeItem,
  sendFromUser,
  type UserStanza,
} from './roster.ts';

export type Step =
  | { readonly user: Exclude<UserStanza, 'unavailable'> | 'remove' }
  | { readonly person: PersonAct }
  /** Lets something arrive, perhaps twice; `pick` chooses among those that may. */
  | { readonly arrives: 'here' | 'there' | 'at user'; readonly pick: number; readonly twice: boolean };

const isAnswer = ({ type }: Said): boolean => type === 'Accept' || type === 'Reject';
const isBlock = ({ type }: Said): boolean => type === 'Block' || type === 'Undo Block';

/** What a server's retries may let overtake: answers and requests each other, a request's end the request itself. */
const mayOvertake = (later: Said, earlier: Said): boolean => {
  if (isBlock(later) || isBlock(earlier)) return false;
  if (isAnswer(later) !== isAnswer(earlier)) return true;
  return later.type === 'Undo' && earlier.type === 'Follow' && later.id === earlier.id;
};

/**
 * A user with a roster, a person of another server, and the gateway between them. The wire to the other server is slow
 * both ways. That to the user's server is quick: stanzas never cross on it, because those that do may end differently
 * on its two sides by RFC 6121 itself, which has no ids.
 */
export const createRelation = (isLocked: boolean) => {
  const toUser: PresenceFact[] = [];
  const toPeer: Said[] = [];
  const toGateway: Said[] = [];
  const gateway = createGateway({ toUser, toPeer });
  let item = NO_ITEM;
  let peer = newPeer(isLocked);
  let ids = 0;

  const settleRoster = ({ item: next, sent }: RosterStep): void => {
    item = next;
    for (const type of sent) gateway.fromUser(type);
  };
  const settlePeer = (step: ReturnType<typeof hear>): void => {
    peer = step.peer;
    toGateway.push(...step.said);
  };
  const arriveAtUser = (twice = false): boolean => {
    gateway.ask();
    const type = toUser.shift();
    if (type === undefined) return false;
    for (let n = 0; n < (twice ? 2 : 1); n += 1) settleRoster(receiveFromContact(item, type));
    return true;
  };
  const arriveThere = (twice = false): boolean => {
    const said = toPeer.shift();
    if (said === undefined) return false;
    for (let n = 0; n < (twice ? 2 : 1); n += 1) settlePeer(hear(peer, said));
    return true;
  };
  const arriveHere = (pick = 0, twice = false): boolean => {
    const able = toGateway.filter((said, at) =>
      toGateway.slice(0, at).every((earlier) => mayOvertake(said, earlier)),
    );
    const said = able[pick % Math.max(able.length, 1)];
    if (said === undefined) return false;
    toGateway.splice(toGateway.indexOf(said), 1);
    for (let n = 0; n < (twice ? 2 : 1); n += 1) gateway.fromPeer(said);
    return true;
  };
  const actAs = (does: PersonAct): void => {
    ids += 1;
    // Nobody lifts a block while something of the time before it is still on its way.
    if (does === 'unblock') while (arriveThere() || arriveHere());
    settlePeer(act(peer, does, `g${ids}`));
  };
  const say = (type: Extract<Step, { user: string }>['user']): void => {
    while (arriveAtUser());
    settleRoster(type === 'remove' ? removeItem() : sendFromUser(item, type));
  };
  return {
    take: (step: Step): void => {
      if ('person' in step) actAs(step.person);
      else if ('user' in step) say(step.user);
      else if (step.arrives === 'here') arriveHere(step.pick, step.twice);
      else if (step.arrives === 'there') arriveThere(step.twice);
      else arriveAtUser(step.twice);
    },
    /** Lets all arrive that is on its way. */
    drain: (): void => {
      while (arriveHere() || arriveThere() || arriveAtUser());
    },
    /** How things stand for each of the three, in the same words. */
    states: () => ({
      roster: { out: wordOf(item.to, item.asks), in: wordOf(item.from, item.asked) },
      gateway: { out: gateway.state().out?.state ?? 'none', in: gateway.state().in?.state ?? 'none' },
      peer: { out: stateOf(peer.follower), in: stateOf(peer.following) },
    }),
  };
};

const wordOf = (isAccepted: boolean, isPending: boolean): string => {
  if (isAccepted) return 'accepted';
  return isPending ? 'pending' : 'none';
};

const stateOf = (relation: { readonly isAccepted: boolean } | undefined): string =>
  relation === undefined ? 'none' : wordOf(relation.isAccepted, true);
