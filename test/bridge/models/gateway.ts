import {
  NO_SUBSCRIPTION,
  type PresenceFact,
  type Subscription,
  type SubscriptionEvent,
  stepSubscription,
} from '../../../src/bridge/subscription.ts';
import type { Said } from './peer.ts';
import type { UserStanza } from './roster.ts';

/** Where the gateway writes. */
export type GatewayWires = { readonly toUser: PresenceFact[]; readonly toPeer: Said[] };

/**
 * The machine of a relation with what its shell adds: what was worked is not worked again, a Follow whose Undo came
 * first never begins, who is blocked is refused, and a request to follow is told of later, if it still stands.
 */
export const createGateway = ({ toUser, toPeer }: GatewayWires) => {
  let now: Subscription = NO_SUBSCRIPTION;
  let isBlocked = false;
  let mustAsk = false;
  let ids = 0;
  const worked = new Set<string>();
  const undone = new Set<string>();

  const change = (event: SubscriptionEvent): void => {
    const { next, effects } = stepSubscription(now, event);
    now = next;
    if (now.in?.state !== 'pending') mustAsk = false;
    for (const effect of effects) {
      if ('send' in effect) toPeer.push({ type: effect.send, id: effect.followId });
      else if ('tell' in effect && effect.tell === 'subscribe') mustAsk = true;
      else if ('tell' in effect) toUser.push(effect.tell);
    }
  };
  const work = ({ type, id }: Said): void => {
    switch (type) {
      case 'Accept':
      case 'Reject':
        change({ type, followId: id });
        break;
      case 'Follow':
        if (!undone.has(id)) change({ type, followId: id, isRefused: false });
        break;
      case 'Undo':
        undone.add(id);
        change({ type, followId: id, isOlder: worked.has(`Follow ${id}`) });
        break;
      case 'Block':
        isBlocked = true;
        change({ type });
        break;
      case 'Undo Block':
        isBlocked = false;
    }
  };
  return {
    fromUser: (type: UserStanza): void => {
      ids += 1;
      if (type === 'subscribe' && isBlocked) toUser.push('unsubscribed');
      else if (type === 'subscribe') change({ type, newId: `f${ids}` });
      else if (type !== 'unavailable') change({ type });
    },
    fromPeer: (said: Said): void => {
      const key = `${said.type} ${said.id}`;
      if (!worked.has(key)) work(said);
      worked.add(key);
    },
    /** What waits until nothing else does. */
    ask: (): void => {
      if (mustAsk) toUser.push('subscribe');
      mustAsk = false;
    },
    state: () => now,
  };
};
