import type { Refusal } from './outcome.ts';

/** One direction of a relation. `followId` is that of the Follow activity; empty where none was ever sent. */
export type Side = { readonly state: 'pending' | 'accepted'; readonly followId: string };

/**
 * What there is between an XMPP user and a Fediverse contact. It is the roster item seen from the contact (RFC 6121
 * appendix A): `out`, the user follows the contact (`to`; pending is `ask`); `in`, the contact follows the user
 * (`from`; pending is a request that the user has not answered).
 */
export type Subscription = { readonly out: Side | undefined; readonly in: Side | undefined };

export const NO_SUBSCRIPTION: Subscription = { out: undefined, in: undefined };

/** What either side did. Ids are those of Follow activities. */
export type SubscriptionEvent =
  /** The user asks for the contact's presence. `newId` is for a Follow; without one the gateway grants it alone. */
  | { readonly type: 'subscribe'; readonly newId: string | undefined }
  | { readonly type: 'unsubscribe' }
  | { readonly type: 'subscribed' }
  | { readonly type: 'unsubscribed' }
  /** `isRefused`: the user blocked this person. */
  | { readonly type: 'Follow'; readonly followId: string; readonly isRefused: boolean }
  /** An answer that names no id is to the Follow that stands. */
  | { readonly type: 'Accept' | 'Reject'; readonly followId: string | undefined }
  /** `isOlder`: the id is of a Follow that was replaced by the one that stands. */
  | { readonly type: 'Undo'; readonly followId: string | undefined; readonly isOlder: boolean }
  | { readonly type: 'Block' }
  /** The actor is no more. */
  | { readonly type: 'gone' }
  /** The actor is now at the contact `movedTo`. */
  | { readonly type: 'moved'; readonly movedTo: string }
  /** A Follow could not be delivered, for good. */
  | { readonly type: 'undeliverable'; readonly followId: string; readonly refusal: Refusal }
  /** The request for a subscription reached nobody: the user's account is not there. */
  | { readonly type: 'nobody' };

export type PresenceFact = 'subscribe' | 'subscribed' | 'unsubscribe' | 'unsubscribed' | 'unavailable';

export type SubscriptionEffect =
  /** Presence from the contact to the user, in this order. Its own presence follows `subscribed` by itself. */
  | { readonly tell: Exclude<PresenceFact, 'subscribe'> }
  | { readonly tell: 'subscribe'; readonly followId: string }
  /** A presence error with the reason, from the contact to the user. */
  | { readonly refuse: Refusal }
  /** An activity of the user to the contact. */
  | { readonly send: 'Follow' | 'Undo' | 'Accept' | 'Reject'; readonly followId: string };

export type Step = { readonly next: Subscription; readonly effects: readonly SubscriptionEffect[] };

/**
 * What an event makes of a relation, and what is to be said of it. Total and pure. Whatever comes again changes
 * nothing and says nothing new, but for a question that is asked again: it is answered again.
 */
export const stepSubscription = (now: Subscription, event: SubscriptionEvent): Step => {
  switch (event.type) {
    case 'subscribe':
      return subscribe(now, event.newId);
    case 'unsubscribe':
      return endOut(now, { undo: true, tell: ['unavailable'] });
    case 'subscribed':
      return now.in?.state !== 'pending'
        ? same(now)
        : {
            next: { ...now, in: accepted(now.in) },
            effects: [{ send: 'Accept', followId: now.in.followId }],
          };
    case 'unsubscribed':
    case 'nobody':
      return endIn(now, { reject: true, tell: false });
    case 'Follow':
      return follow(now, event);
    case 'Accept':
      return isAnswer(now, event.followId) && now.out.state === 'pending'
        ? { next: { ...now, out: accepted(now.out) }, effects: [{ tell: 'subscribed' }] }
        : same(now);
    case 'Reject':
      // Undone all the same: a Follow that was sent again may have crossed the Reject, and would stand over there.
      return isAnswer(now, event.followId) ? endOut(now, { undo: true, tell: ENDED }) : same(now);
    case 'Undo':
      return event.isOlder && event.followId !== now.in?.followId
        ? same(now)
        : endIn(now, { reject: false, tell: true });
    case 'Block':
    case 'gone':
      return inTurn(endIn(now, { reject: false, tell: true }), (left) =>
        endOut(left, { undo: false, tell: ENDED }),
      );
    case 'moved':
      // What the old account follows it still follows; who follows it is told where it went.
      return inTurn(refuseOut(now, { reason: 'gone', movedTo: event.movedTo }), (left) =>
        endOut(left, { undo: true, tell: ENDED }),
      );
    case 'undeliverable':
      // Taken back meanwhile, perhaps asked anew: then nobody waits for this one.
      return now.out?.followId !== event.followId
        ? same(now)
        : inTurn(refuseOut(now, event.refusal), (left) =>
            endOut(left, { undo: false, tell: ['unsubscribed'] }),
          );
  }
};

const same = (now: Subscription): Step => ({ next: now, effects: [] });

const accepted = ({ followId }: Side): Side => ({ state: 'accepted', followId });

/** RFC 6121 3.2.2: who takes a subscription back is seen to go. */
const ENDED = ['unsubscribed', 'unavailable'] as const;

const inTurn = (first: Step, then: (left: Subscription) => Step): Step => {
  const second = then(first.next);
  return { next: second.next, effects: [...first.effects, ...second.effects] };
};

const subscribe = (now: Subscription, newId: string | undefined): Step => {
  // Asked again by a server that did not hear the answer (RFC 6121 3.1.3).
  if (now.out?.state === 'accepted') return { next: now, effects: [{ tell: 'subscribed' }] };
  if (newId === undefined && now.out === undefined)
    return { next: { ...now, out: { state: 'accepted', followId: '' } }, effects: [{ tell: 'subscribed' }] };
  // A pending Follow goes again under its own id: the peer may have lost it, and must not see two.
  const followId = now.out?.followId ?? newId ?? '';
  return {
    next: { ...now, out: { state: 'pending', followId } },
    effects: [{ send: 'Follow', followId }],
  };
};

const follow = (
  now: Subscription,
  { followId, isRefused }: { readonly followId: string; readonly isRefused: boolean },
): Step => {
  if (isRefused) return { next: now, effects: [{ send: 'Reject', followId }] };
  // The newest id is the one that an Undo will name.
  if (now.in?.state === 'accepted')
    return { next: { ...now, in: { state: 'accepted', followId } }, effects: [{ send: 'Accept', followId }] };
  // The same once more: the question stands already, with the user's server.
  if (now.in?.followId === followId) return same(now);
  return {
    next: { ...now, in: { state: 'pending', followId } },
    effects: [{ tell: 'subscribe', followId }],
  };
};

/** An answer to a Follow that is over says nothing about the one that came after it. */
const isAnswer = (
  now: Subscription,
  followId: string | undefined,
): now is Subscription & { readonly out: Side } =>
  now.out !== undefined && (followId === undefined || followId === now.out.followId);

type OutEnd = {
  readonly undo: boolean;
  readonly tell: readonly ('unsubscribed' | 'unavailable')[];
};

/**
 * Nothing is said where nothing stood: the three stanzas of a roster removal end in one answer. Who unsubscribes is
 * not told `unsubscribed`: by then the user may have asked anew, and it would end the new request at his server.
 */
const endOut = (now: Subscription, { undo, tell }: OutEnd): Step => {
  if (now.out === undefined) return same(now);
  const { followId } = now.out;
  return {
    next: { ...now, out: undefined },
    effects: [
      ...(undo && followId !== '' ? [{ send: 'Undo', followId } as const] : []),
      ...tell.map((type) => ({ tell: type })),
    ],
  };
};

const endIn = (
  now: Subscription,
  { reject, tell }: { readonly reject: boolean; readonly tell: boolean },
): Step => {
  if (now.in === undefined) return same(now);
  const { followId } = now.in;
  return {
    next: { ...now, in: undefined },
    effects: [
      ...(reject ? [{ send: 'Reject', followId } as const] : []),
      ...(tell ? [{ tell: 'unsubscribe' } as const] : []),
    ],
  };
};

const refuseOut = (now: Subscription, refusal: Refusal): Step => ({
  next: now,
  effects: now.out === undefined ? [] : [{ refuse: refusal }],
});
