import type { Attack, Scene } from '../corpus/hostile/attack.ts';
import { type Attacked, DOMAIN, startAttacked } from './attacked-gateway.ts';
import { startHostilePeer } from './hostile-peer.ts';
import { signHeaders, toWire } from './hostile-request.ts';
import { addHostNames } from './hosts.ts';

/** The name of the other server. */
export const OTHER = 'other.test';

/** What the outside can see of a gateway, and all that it keeps. */
export type Seen = {
  /** Number and hash of the rows, by table. */
  readonly tables: Readonly<Record<string, string>>;
  /** What the peer was asked for, and what the other server was. */
  readonly asked: readonly (readonly string[])[];
  readonly posted: number;
  /** Messages and presences that were written to the XMPP server. */
  readonly shown: number;
  /** All that was written to it. */
  readonly written: string;
};

export type Stage = {
  readonly gateway: Attacked;
  readonly scene: Scene;
  /** Once all that was accepted has been carried. */
  readonly look: () => Promise<Seen>;
  /** Sends the attack; the status that came back. */
  readonly attack: (attack: Attack, mark: string) => Promise<number>;
  readonly stop: () => Promise<void>;
};

/** Changed by time alone, or by what is left behind by the one who wrote. */
const RESTLESS: ReadonlySet<string> = new Set(['hosts']);

const createScene = (
  gateway: Attacked,
  other: Scene['other'],
  ours: Pick<Scene, 'alice' | 'ours' | 'follow'>,
): Scene => {
  const { peer } = gateway;
  const at = (path: string): string => `${peer.origin}/${path}`;
  const mallory = at('users/mallory');
  return {
    peer,
    other,
    domain: DOMAIN,
    ...ours,
    mallory,
    victim: at('users/victim'),
    stranger: `${other.origin}/users/stranger`,
    shown: at('notes/shown'),
    at,
    note: (mark, object = {}, outer = {}, author = mallory) => ({
      id: at(`${mark}/create`),
      type: 'Create',
      actor: author,
      to: [ours.alice],
      object: {
        id: at(mark),
        type: 'Note',
        attributedTo: author,
        to: [ours.alice],
        content: `<p>${mark}</p>`,
        tag: [{ type: 'Mention', href: ours.alice }],
        ...object,
      },
      ...outer,
    }),
    signed: (by, activity, changes = {}) => {
      const body =
        typeof activity === 'string' || activity instanceof Uint8Array ? activity : JSON.stringify(activity);
      const keyId = `${at(`users/${by}`)}#main-key`;
      const signing = { keyId, key: peer.privateKey, host: DOMAIN, body, ...changes };
      return { method: signing.method === 'get' ? 'GET' : 'POST', headers: signHeaders(signing), body };
    },
  };
};

const countWritten = (text: string): number => text.split(/<(?:message|presence)[ />]/u).length - 1;

const readTables = async ({ database: { db } }: Attacked): Promise<Record<string, string>> => {
  const { rows: names } = await db.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
  );
  const wanted = names
    .map(({ name }) => name)
    .filter((name) => !RESTLESS.has(name) && /^[a-z_]+$/u.test(name));
  const { rows } = await db.query<{ name: string; state: string }>(
    wanted
      .map(
        (name) =>
          `select '${name}' as name, count(*) || ' ' || coalesce(md5(string_agg(t::text, ',' order by t::text)), '') as state from ${name} t`,
      )
      .join(' union all '),
  );
  return Object.fromEntries(rows.map(({ name, state }) => [name, state]));
};

/** What either server was asked for in between. */
export const askedSince = (before: Seen, after: Seen): readonly string[] =>
  after.asked.flatMap((lines, server) => lines.slice(before.asked[server]?.length));

/** The texts of messages, in order. */
export const bodiesIn = (written: string): readonly string[] =>
  [...written.matchAll(/<body[^>]*>([^<]*)<\/body>/gu)].map(([, body = '']) => body);

const STATUS_LINE = /^HTTP\/1\.1 (\d{3}) /u;

/**
 * A gateway with one user, Alice, who knows the victim: she wrote to it, asked to follow it and was shown a note of
 * it. Mallory lives on the victim's server and has been heard of.
 */
export const startStage = async (settings: Readonly<Record<string, string>> = {}): Promise<Stage> => {
  const gateway = await startAttacked(settings);
  // A block has no port: it must be another name than the peer's.
  const removeName = addHostNames([OTHER]);
  const other = await startHostilePeer(OTHER);
  const { peer } = gateway;
  const stop = async (): Promise<void> => {
    await gateway.stop();
    await other.close();
    removeName();
  };
  try {
    for (const name of ['mallory', 'victim', 'unrelated']) peer.addActor(name);
    other.addActor('stranger');
    const contact = `victim%${peer.host.replace(':', '\\3a')}@${DOMAIN}`;
    const alice = await gateway.registerAlice(contact);
    const hello = await gateway.untilPosted(({ json }) => JSON.stringify(json).includes('hello'));
    gateway.xmpp.write(`<presence type='subscribe' from='alice@xmpp.test' to='${contact}'/>`);
    const follow = await gateway.untilPosted(({ json }) => json['type'] === 'Follow');
    const { object } = hello;
    const ours = object && typeof object === 'object' && 'id' in object ? String(object.id) : '';
    const scene = createScene(gateway, other, { alice, ours, follow: String(follow['id']) });
    const stage = createStage(gateway, scene);
    const first = scene.note('first', { id: scene.shown }, {}, scene.victim);
    for (const activity of [first, scene.note('second')])
      await gateway.post(activity['actor'] === scene.victim ? 'victim' : 'mallory', activity);
    for (const mark of ['first', 'second']) await gateway.untilWritten(`${mark}</body>`);
    await gateway.untilSettled();
    return { ...stage, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

const createStage = (gateway: Attacked, scene: Scene): Omit<Stage, 'stop'> => ({
  gateway,
  scene,
  look: async () => {
    await gateway.untilSettled();
    const written = await gateway.untilWritten('');
    return {
      tables: await readTables(gateway),
      asked: [[...gateway.peer.asked], [...scene.other.asked]],
      posted: gateway.peer.posted.length + scene.other.posted.length,
      shown: countWritten(written),
      written,
    };
  },
  attack: async ({ prepare, send }, mark) => {
    prepare?.(scene, mark);
    const answer = await gateway.raw(toWire(send(scene, mark)));
    return Number(STATUS_LINE.exec(answer)?.[1] ?? Number.NaN);
  },
});

/** Names what is sent, so that it is known again where it is shown: `mark0001` and so on. */
export const createMarks = (prefix: string): (() => string) => {
  let marks = 0;
  return () => {
    marks += 1;
    return `${prefix}${String(marks).padStart(4, '0')}`;
  };
};
