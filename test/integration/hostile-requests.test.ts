import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Attack } from '../corpus/hostile/attack.ts';
import { ATTACKS } from '../corpus/hostile/attacks.ts';
import type { HostileRequest } from '../support/hostile-request.ts';
import { askedSince, bodiesIn, createMarks, type Stage, startStage } from '../support/scene.ts';

/**
 * Each attack of the corpus against a whole gateway with a real database: it gets the status that is expected, and
 * afterwards no row has changed, nobody was asked, nothing was posted, and nothing was shown but what is told.
 */
let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ CAUSEWAY_LIMITS_INBOX_PER_MINUTE: '60000' });
});
afterAll(() => stage?.stop());

const nextMark = createMarks('mark');

const withstand = async (attack: Attack): Promise<void> => {
  const mark = nextMark();
  const looked = performance.now();
  const before = await stage.look();
  const began = performance.now();
  const status = await stage.attack(attack, mark);
  expect([attack.status].flat()).toContain(status);
  const after = await stage.look();
  // As long as this machine takes to look, some times over, and never as long as a peer may be waited for.
  expect(performance.now() - began).toBeLessThan(5_000 + 10 * (began - looked));
  const changed = Object.keys(after.tables).filter((name) => after.tables[name] !== before.tables[name]);
  expect(changed.filter((name) => attack.may?.includes(name) !== true)).toEqual([]);
  expect(askedSince(before, after).length).toBeLessThanOrEqual(attack.asks ?? 0);
  const shows = attack.shows === undefined ? [] : [attack.shows(mark)];
  const written = after.written.slice(before.written.length);
  expect(bodiesIn(written)).toEqual(
    shows.map((text) => (typeof text === 'string' ? text : expect.stringMatching(text))),
  );
  expect(written.includes(mark)).toBe(shows.length > 0);
  expect({ posted: after.posted, shown: after.shown }).toEqual({
    posted: before.posted,
    shown: before.shown + shows.length,
  });
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
describe.each(Object.entries(ATTACKS))('%s', (_, attacks) => {
  test.each(attacks.map((attack) => [...label(attack), attack] as const))('%s', (_name, attack) =>
    withstand(attack),
  );
});

describe('again and again', () => {
  const send = (request: HostileRequest): Promise<number> =>
    stage.attack({ entry: 0, name: '', status: 0, send: () => request }, '');
  const askedFor = (path: string): number =>
    stage.scene.peer.asked.filter((line) => line === `GET ${path}`).length;

  test('12. the same request is accepted each time and shown once', async () => {
    const mark = nextMark();
    const request = stage.scene.signed('mallory', stage.scene.note(mark));
    for (let times = 0; times < 5; times += 1) expect(await send(request)).toBe(202);
    await stage.look();
    expect((await stage.gateway.untilWritten(mark)).split(`>${mark}</body>`)).toHaveLength(2);
  });

  test('24. a storm of wrong signatures in the name of a known actor asks its server once', async () => {
    const { scene } = stage;
    const before = askedFor('/users/victim');
    const storm = Array.from({ length: 200 }, () => {
      const forged = scene.note(nextMark(), {}, {}, scene.victim);
      return send(scene.signed('victim', forged, { makeSignature: () => 'AAAA' }));
    });
    expect(new Set(await Promise.all(storm))).toEqual(new Set([401]));
    expect(askedFor('/users/victim') - before).toBeLessThanOrEqual(1);
  });

  test.each([404, 500])('25. a key that is answered with %i is asked for once', async (status) => {
    const { scene } = stage;
    const path = `/x/never${status}`;
    scene.peer.replies.set(path, status);
    for (let times = 0; times < 20; times += 1) {
      const note = scene.note(nextMark());
      const answer = await send(
        scene.signed('mallory', note, { keyId: `${scene.peer.origin}${path}#main-key` }),
      );
      expect([401, 503]).toContain(answer);
    }
    expect(askedFor(path)).toBe(1);
  });
});

test('the honest request is still shown, and nothing was a mistake of ours', async () => {
  await expectHonest();
  expect(stage.gateway.logged.filter((line) => line.includes('"level":"error"'))).toEqual([]);
});
