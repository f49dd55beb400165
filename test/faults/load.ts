import { setTimeout as pause } from 'node:timers/promises';
import type { Balance, Sent } from '../support/ledger.ts';
import type { XmppClient } from '../support/xmpp-client.ts';
import {
  balanceIn,
  balanceOut,
  countRows,
  directNote,
  inboxOf,
  introduce,
  postUntilTaken,
  sendChat,
  toldOf,
  until,
} from './traffic.ts';
import type { FaultWorld } from './world.ts';

const PEOPLE = ['dave', 'erin', 'frank', 'grace'] as const;
const DRAIN_MS = 90_000;

/** Messages of one user to some people of the peer and of these to the user, written down on both ends. */
export type Load = {
  /** Sends so many messages to the peer, in turn to each person. */
  sendOut(count: number): void;
  /** Posts so many notes, those of a person one after the other. Resolves when all were answered with a 2xx. */
  sendIn(count: number): Promise<void>;
  /** Sends again what nobody heard of: what the client shows as unsent. Returns how many. */
  sendAgain(): number;
  /** Resolves when nothing waits in the database any more and every note taken was shown. */
  drained(): Promise<void>;
  /** Every message sent out was answered by a receipt or an error. */
  allTold(): Promise<void>;
  /** Statuses other than 2xx that notes got so far, 0 for no answer. */
  refused(): readonly number[];
  /** Messages that the peer has. */
  arrivedOut(): number;
  out(): Balance;
  in(): Balance;
};

/** The people are introduced first: a gateway must run. */
export const createLoad = async (world: FaultWorld, client: () => XmppClient): Promise<Load> => {
  let actor = '';
  for (const person of PEOPLE) actor = await introduce(world, client(), person);
  const out = new Map<string, Sent>();
  const notes: Sent[] = [];
  const taken = new Set<string>();
  const refused: number[] = [];
  const posted = new Map<string, Promise<void>>();
  const seen = createMemory(client);
  const personOf = (index: number): string => PEOPLE[index % PEOPLE.length] ?? PEOPLE[0];
  const send = (message: Sent): void => {
    // Sent again, it stands behind what was sent since.
    out.delete(message.id);
    out.set(message.id, message);
    sendChat(client(), world.contact(message.lane), message.id);
  };
  const post = async (person: string, batch: readonly Sent[]): Promise<void> => {
    for (const { id, lane } of batch.filter(({ lane: of }) => of === person)) {
      const note = directNote(world.peer, lane, actor, id);
      await postUntilTaken(world.peer, lane, note, inboxOf(world, actor), DRAIN_MS, (status) =>
        refused.push(status),
      );
      taken.add(id);
    }
  };
  const untold = () => {
    const told = toldOf(seen());
    return [...out.values()].filter(({ id }) => !told.has(id));
  };
  const fits = (text: string): boolean => text.startsWith('out-');
  const isNote = ({ body }: { readonly body?: string }): boolean => body?.startsWith('in-') === true;
  const balanceNotes = () => balanceIn(notes, taken, seen().filter(isNote));
  return {
    sendOut: (count) => {
      for (let index = 0; index < count; index += 1)
        send({ id: `out-${out.size}`, lane: personOf(out.size) });
    },
    sendIn: async (count) => {
      const batch = Array.from({ length: count }, (_, index) => ({
        id: `in-${notes.length + index}`,
        lane: personOf(notes.length + index),
      }));
      notes.push(...batch);
      await Promise.all(
        PEOPLE.map((person) => {
          // Behind what this person still has to post: order counts.
          const posting = (posted.get(person) ?? Promise.resolve()).then(() => post(person, batch));
          posted.set(person, posting);
          return posting;
        }),
      );
    },
    sendAgain: () => {
      const again = untold();
      for (const message of again) send(message);
      return again.length;
    },
    drained: () =>
      until(
        'everything is worked off',
        async () => (await countWaiting(world)) === 0 && balanceNotes().lost.length === 0,
        DRAIN_MS,
      ),
    allTold: () => until('every sender is told', () => untold().length === 0, DRAIN_MS),
    refused: () => [...refused],
    arrivedOut: () => world.peer.posts.entries.filter(({ accepted }) => accepted).length,
    out: () => balanceOut([...out.values()], seen(), world.peer, fits),
    in: balanceNotes,
  };
};

/** Events of the clients that were there one after the other. */
const createMemory = (client: () => XmppClient) => {
  const clients = new Set<XmppClient>();
  return () => {
    clients.add(client());
    return [...clients].flatMap((each) => each.seen());
  };
};

const countWaiting = (world: FaultWorld): Promise<number> =>
  countRows(
    world,
    `select (select count(*) from deliveries where state = 'due')
       + (select count(*) from stanzas where state = 'due')
       + (select count(*) from inbox where done_at is null)
       + (select count(*) from received_stanzas) as count`,
  );

/** Messages each way, `perSecond` of them, until `until` says so. */
export const flow = async (load: Load, perSecond: number, seconds: number): Promise<void> => {
  const end = performance.now() + seconds * 1_000;
  const posting: Promise<void>[] = [];
  while (performance.now() < end) {
    load.sendOut(perSecond / 2);
    posting.push(load.sendIn(perSecond / 2));
    await pause(500);
  }
  await Promise.all(posting);
};

export const inWords = (out: Balance, back: Balance): string =>
  `lost ${out.lost.length + back.lost.length}, twice ${out.twice.length + back.twice.length}, ` +
  `out of order ${out.outOfOrder.length + back.outOfOrder.length}, ` +
  `repeats by id ${out.repeats + back.repeats}, untold ${out.untold.length}`;
