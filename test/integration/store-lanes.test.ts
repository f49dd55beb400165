import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Db } from '../../src/store/database.ts';
import {
  completeDelivery,
  type DeliveryClaim,
  enqueueDelivery,
  failDelivery,
  postponeDelivery,
} from '../../src/store/deliveries.ts';
import { claimDeliveries } from '../../src/store/delivery-claims.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

/**
 * The queue against a model of it: lanes are arrays, the first of each is its head. fast-check finds the
 * shortest series of steps after which the two differ.
 */
type Waiting = { readonly name: string; state: 'free' | 'held' | 'later'; attempts: number };
type Model = { readonly lanes: Map<string, Waiting[]>; made: number };
type Step = (model: Model, db: Db) => Promise<void>;

let base: TestDatabase;
beforeAll(async () => {
  base = await createTestDatabase();
});
afterAll(() => base.drop());

const LANES = ['a', 'b', 'c'];
const holderOf = async (db: Db, name: string): Promise<DeliveryClaim> =>
  (await db.query<DeliveryClaim>('select id, attempts from deliveries where activity_id = $1', [name]))
    .rows[0] ?? { id: -1, attempts: 0 };

const enter =
  (lane: string): Step =>
  async (model, db) => {
    const name = `${lane}${model.made++}`;
    model.lanes.get(lane)?.push({ name, state: 'free', attempts: 0 });
    const row = { activityId: name, sender: 's', inbox: 'i', host: 'h', lane, body: '{}' };
    await enqueueDelivery(db, { ...row, noteId: undefined, reportTo: undefined });
  };

const claim: Step = async (model, db) => {
  const expected = [...model.lanes.values()].flatMap(([head]) => (head?.state === 'free' ? [head] : []));
  for (const head of expected) {
    head.state = 'held';
    head.attempts++;
  }
  const claimed = await claimDeliveries(db, { limit: 10, leaseSeconds: 60 });
  const seen = claimed.map(({ activityId, attempts }) => ({ name: activityId, attempts }));
  const wanted = expected.map(({ name, attempts }) => ({ name, attempts }));
  expect(new Set(seen)).toEqual(new Set(wanted));
};

/** A step that says how the held head of a lane ended; nothing where none is held. */
const end =
  (
    lane: string,
    how: (db: Db, claim: DeliveryClaim) => Promise<unknown>,
    after: (waiting: Waiting[]) => void,
  ): Step =>
  async (model, db) => {
    const waiting = model.lanes.get(lane) ?? [];
    if (waiting[0]?.state !== 'held') return;
    await how(db, await holderOf(db, waiting[0].name));
    after(waiting);
  };
const leaves = (waiting: Waiting[]): void => {
  waiting.shift();
};
const becomes =
  (state: Waiting['state']) =>
  ([head]: Waiting[]): void => {
    if (head !== undefined) head.state = state;
  };

const anyLane = fc.constantFrom(...LANES);
const trouble = { status: 500, error: 'trouble' };
const anyStep: fc.Arbitrary<{ readonly name: string; readonly run: Step }> = fc.oneof(
  { weight: 4, arbitrary: anyLane.map((lane) => ({ name: `enter ${lane}`, run: enter(lane) })) },
  { weight: 3, arbitrary: fc.constant({ name: 'claim', run: claim }) },
  {
    weight: 2,
    arbitrary: anyLane.map((lane) => ({
      name: `complete ${lane}`,
      run: end(lane, completeDelivery, leaves),
    })),
  },
  anyLane.map((lane) => ({
    name: `fail ${lane}`,
    run: end(lane, (db, claim) => failDelivery(db, claim, trouble), leaves),
  })),
  anyLane.map((lane) => ({
    name: `again ${lane}`,
    run: end(
      lane,
      (db, claim) => postponeDelivery(db, claim, { ...trouble, dueAt: new Date(0) }),
      becomes('free'),
    ),
  })),
  anyLane.map((lane) => ({
    name: `later ${lane}`,
    run: end(
      lane,
      (db, claim) => postponeDelivery(db, claim, { ...trouble, dueAt: new Date(Date.now() + 3_600_000) }),
      becomes('later'),
    ),
  })),
  anyLane.map((lane) => ({
    name: `lease of ${lane} runs out`,
    run: end(
      lane,
      async (db, { id }) => {
        await db.query(`update deliveries set lease_until = now() - interval '1 s' where id = $1`, [id]);
      },
      becomes('free'),
    ),
  })),
);

const headsOf = async (db: Db): Promise<readonly string[]> => {
  const { rows } = await db.query<{ name: string }>(
    'select activity_id as name from deliveries where head order by lane',
  );
  return rows.map(({ name }) => name);
};

test('after any steps the queue holds what its model holds, and each lane with work has one head', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { maxLength: 40 }), async (steps) => {
      await base.db.query('truncate deliveries');
      const model: Model = { lanes: new Map(LANES.map((lane) => [lane, []])), made: 0 };
      for (const { run } of steps) {
        await run(model, base.db);
        const heads = [...model.lanes.values()].flatMap(([head]) => (head === undefined ? [] : [head.name]));
        expect(await headsOf(base.db)).toEqual(heads);
      }
    }),
    { numRuns: 60 },
  );
});
