import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  NO_SUBSCRIPTION,
  type Subscription,
  type SubscriptionEvent,
  stepSubscription,
} from '../../src/bridge/subscription.ts';

/** Carries events one after the other; what was said, in words, and what stands. */
const carry = (...events: SubscriptionEvent[]) => {
  let now: Subscription = NO_SUBSCRIPTION;
  const said: string[] = [];
  for (const event of events) {
    const { next, effects } = stepSubscription(now, event);
    now = next;
    for (const effect of effects)
      said.push(
        'tell' in effect
          ? effect.tell
          : 'send' in effect
            ? `${effect.send} ${effect.followId}`
            : `error ${effect.refuse.reason}`,
      );
  }
  return { now, said };
};

const subscribe = (newId: string | undefined): SubscriptionEvent => ({ type: 'subscribe', newId });
const followed = (followId: string): SubscriptionEvent => ({ type: 'Follow', followId, isRefused: false });
const undone = (followId: string | undefined, isOlder = false): SubscriptionEvent => ({
  type: 'Undo',
  followId,
  isOlder,
});
const accept = (followId?: string): SubscriptionEvent => ({ type: 'Accept', followId });
const reject = (followId?: string): SubscriptionEvent => ({ type: 'Reject', followId });

test.each<[string, SubscriptionEvent[], string[]]>([
  ['asked, accepted', [subscribe('f1'), accept('f1')], ['Follow f1', 'subscribed']],
  ['asked twice: the same Follow again', [subscribe('f1'), subscribe('f2')], ['Follow f1', 'Follow f1']],
  [
    'asked again when accepted',
    [subscribe('f1'), accept(), subscribe('f2')],
    ['Follow f1', 'subscribed', 'subscribed'],
  ],
  ['accepted twice', [subscribe('f1'), accept(), accept()], ['Follow f1', 'subscribed']],
  ['refused', [subscribe('f1'), reject('f1')], ['Follow f1', 'Undo f1', 'unsubscribed', 'unavailable']],
  [
    'an old answer',
    [subscribe('f1'), { type: 'unsubscribe' }, subscribe('f2'), accept('f1'), reject('f1')],
    ['Follow f1', 'Undo f1', 'unavailable', 'Follow f2'],
  ],
  ['chat alone', [subscribe(undefined), { type: 'unsubscribe' }], ['subscribed', 'unavailable']],
  [
    'removed from the roster',
    [
      subscribe('f1'),
      accept(),
      followed('g1'),
      { type: 'subscribed' },
      { type: 'unsubscribe' },
      { type: 'unsubscribed' },
      { type: 'unsubscribe' },
    ],
    ['Follow f1', 'subscribed', 'subscribe', 'Accept g1', 'Undo f1', 'unavailable', 'Reject g1'],
  ],
  [
    'a follower, asked for once',
    [followed('g1'), followed('g1'), followed('g2')],
    ['subscribe', 'subscribe'],
  ],
  [
    'a follower again',
    [followed('g1'), { type: 'subscribed' }, followed('g2')],
    ['subscribe', 'Accept g1', 'Accept g2'],
  ],
  ['a blocked follower', [{ type: 'Follow', followId: 'g1', isRefused: true }], ['Reject g1']],
  ['a follower who leaves', [followed('g1'), undone('g1'), undone('g1')], ['subscribe', 'unsubscribe']],
  ['who leaves under another id', [followed('g1'), undone('x')], ['subscribe', 'unsubscribe']],
  [
    'who left before coming back',
    [followed('g1'), followed('g2'), undone('g1', true)],
    ['subscribe', 'subscribe'],
  ],
  [
    'blocked',
    [subscribe('f1'), accept(), followed('g1'), { type: 'Block' }, { type: 'Block' }],
    ['Follow f1', 'subscribed', 'subscribe', 'unsubscribe', 'unsubscribed', 'unavailable'],
  ],
  ['gone', [subscribe('f1'), { type: 'gone' }], ['Follow f1', 'unsubscribed', 'unavailable']],
  [
    'moved',
    [subscribe('f1'), accept(), { type: 'moved', movedTo: 'new%b@c' }],
    ['Follow f1', 'subscribed', 'error gone', 'Undo f1', 'unsubscribed', 'unavailable'],
  ],
  ['moved from nobody', [{ type: 'moved', movedTo: 'new%b@c' }], []],
  [
    'undeliverable',
    [subscribe('f1'), { type: 'undeliverable', followId: 'f1', refusal: { reason: 'not-found' } }],
    ['Follow f1', 'error not-found', 'unsubscribed'],
  ],
  [
    'an older one undeliverable',
    [subscribe('f1'), { type: 'undeliverable', followId: 'f0', refusal: { reason: 'not-found' } }],
    ['Follow f1'],
  ],
  ['the user is not there', [followed('g1'), { type: 'nobody' }], ['subscribe', 'Reject g1']],
])('%s', (_name, events, expected) => {
  expect(carry(...events).said).toEqual(expected);
});

test('the moved account still follows whom it followed', () => {
  expect(carry(followed('g1'), { type: 'subscribed' }, { type: 'moved', movedTo: 'x' }).now.in?.state).toBe(
    'accepted',
  );
});

const ids = fc.constantFrom('1', '2', '3');
const events: fc.Arbitrary<SubscriptionEvent> = fc.oneof(
  fc.record({ type: fc.constant('subscribe' as const), newId: fc.option(ids, { nil: undefined }) }),
  fc.record({
    type: fc.constantFrom('unsubscribe', 'subscribed', 'unsubscribed', 'Block', 'gone', 'nobody'),
  }),
  fc.record({ type: fc.constant('Follow' as const), followId: ids, isRefused: fc.boolean() }),
  fc.record({ type: fc.constantFrom('Accept', 'Reject'), followId: fc.option(ids, { nil: undefined }) }),
  fc.record({ type: fc.constant('Undo' as const), followId: ids, isOlder: fc.boolean() }),
  fc.record({ type: fc.constant('moved' as const), movedTo: fc.constant('new%b@c') }),
);

test('an event that comes twice changes nothing the second time', () => {
  fc.assert(
    fc.property(fc.array(events, { maxLength: 12 }), events, (before, event) => {
      const { now } = carry(...before);
      const once = stepSubscription(now, event).next;
      expect(stepSubscription(once, event).next).toEqual(once);
    }),
    { numRuns: 300 },
  );
});
