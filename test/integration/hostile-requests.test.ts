import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Attack } from '../corpus/hostile/attack.ts';
import { AUTHORITY_ATTACKS } from '../corpus/hostile/authority.ts';
import { BODY_ATTACKS } from '../corpus/hostile/bodies.ts';
import { SIGNATURE_ATTACKS } from '../corpus/hostile/signatures.ts';
import { type Stage, startStage } from '../support/scene.ts';

/**
 * Each attack of the corpus against a whole gateway with a real database: it gets the status that is expected, and
 * afterwards no row has changed, nobody was asked, nothing was posted and nothing was shown.
 */
let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ CAUSEWAY_LIMITS_INBOX_PER_MINUTE: '60000' });
});
afterAll(() => stage?.stop());

let marks = 0;
const nextMark = (): string => {
  marks += 1;
  return `mark${String(marks).padStart(4, '0')}`;
};

const withstand = async (attack: Attack): Promise<void> => {
  const mark = nextMark();
  const before = await stage.look();
  const began = performance.now();
  const status = await stage.attack(attack, mark);
  expect(performance.now() - began).toBeLessThan(5_000);
  expect([attack.status].flat()).toContain(status);
  const after = await stage.look();
  const changed = Object.keys(after.tables).filter((name) => after.tables[name] !== before.tables[name]);
  expect(changed.filter((name) => attack.may?.includes(name) !== true)).toEqual([]);
  expect(after.asked.slice(before.asked.length).length).toBeLessThanOrEqual(attack.asks ?? 0);
  expect({ posted: after.posted, shown: after.shown }).toEqual({
    posted: before.posted,
    shown: before.shown,
  });
  expect(await stage.gateway.untilWritten('')).not.toContain(mark);
};

/** What is left when nothing is wrong gets through: else all of this would prove nothing. */
const expectHonest = async (): Promise<void> => {
  const mark = nextMark();
  const { gateway, scene, attack } = stage;
  const status = await attack(
    { entry: 0, name: '', status: 202, send: () => scene.signed('mallory', scene.note(mark)) },
    mark,
  );
  expect(status).toBe(202);
  await gateway.untilWritten(`${mark}</body>`);
};

test('the honest request is shown', expectHonest);

const label = ({ entry, name }: Attack) => [`${entry}. ${name}`] as const;
describe.each([
  ['signatures', SIGNATURE_ATTACKS],
  ['authority', AUTHORITY_ATTACKS],
  ['bodies', BODY_ATTACKS],
] as const)('%s', (_, attacks) => {
  test.each(attacks.map((attack) => [...label(attack), attack] as const))('%s', (_name, attack) =>
    withstand(attack),
  );
});

test('the honest request is still shown, and nothing was a mistake of ours', async () => {
  await expectHonest();
  expect(stage.gateway.logged.filter((line) => line.includes('"level":"error"'))).toEqual([]);
});
