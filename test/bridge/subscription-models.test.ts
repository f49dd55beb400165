import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRelation, type Step } from './models/relation.ts';

const arrivals: fc.Arbitrary<Step> = fc.record({
  arrives: fc.constantFrom('here', 'there', 'at user'),
  pick: fc.nat(5),
  twice: fc.boolean(),
});
const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    user: fc.constantFrom('subscribe', 'unsubscribe', 'subscribed', 'unsubscribed', 'remove'),
  }),
  fc.record({ person: fc.constantFrom('follow', 'unfollow', 'accept', 'reject', 'block', 'unblock') }),
  arrivals,
  arrivals,
);

type States = ReturnType<ReturnType<typeof createRelation>['states']>;
const alike = (gateway: States['gateway']): States => ({ roster: gateway, gateway, peer: gateway });

test('whatever both sides do, in the end roster, gateway and the other server agree', () => {
  fc.assert(
    fc.property(fc.boolean(), fc.array(steps, { maxLength: 40 }), (isLocked, story) => {
      const relation = createRelation(isLocked);
      for (const step of story) relation.take(step);
      relation.drain();
      const before = relation.states();
      // Whoever was asked says yes: then the same is true of what was pending.
      relation.take({ person: 'accept' });
      relation.take({ user: 'subscribed' });
      relation.drain();
      const after = relation.states();
      // One look at all: each costs as much as a story.
      expect({ before, after }).toEqual({ before: alike(before.gateway), after: alike(after.gateway) });
      if (Object.values(after.gateway).includes('pending')) expect.unreachable('somebody still waits');
    }),
    { numRuns: 10_000 },
  );
});

test('the models move: a follow each way, accepted and ended', () => {
  const relation = createRelation(true);
  const say = (...story: Step[]) => {
    for (const step of story) relation.take(step);
    relation.drain();
    return relation.states().roster;
  };
  expect(say({ user: 'subscribe' })).toEqual({ out: 'pending', in: 'none' });
  expect(say({ person: 'accept' }, { person: 'follow' })).toEqual({ out: 'accepted', in: 'pending' });
  expect(say({ user: 'subscribed' })).toEqual({ out: 'accepted', in: 'accepted' });
  expect(say({ person: 'reject' })).toEqual({ out: 'none', in: 'accepted' });
  expect(say({ user: 'remove' })).toEqual({ out: 'none', in: 'none' });
});
