import { z } from 'zod';
import { createUndoStack } from '../test/support/undo.ts';
import { DOMAIN } from './people.ts';
import { chatStanza, isReceipt, type Scene } from './scene.ts';
import { openWholeGateway } from './whole.ts';
import { startHelped, type World } from './world.ts';

const PATIENCE_MS = 30_000;
/** Their first messages are slower: nothing is compiled, no connection is open. */
const WARM_UP = 10;

/** One chat message after another, each from its stanza to its receipt, in milliseconds. */
const chat = async (scene: Scene, name: string, goesOn: (done: number) => boolean): Promise<number[]> => {
  const { people, xmpp, written } = scene;
  const [peer] = people.peers;
  if (peer === undefined) throw new Error('nobody to write to');
  const samples: number[] = [];
  while (goesOn(samples.length)) {
    const id = `${name}-${samples.length}`;
    const sent = performance.now();
    xmpp.write(chatStanza(peer, id));
    const receipt = await written.waitFor((stanza) => isReceipt(stanza, id), `receipt ${id}`, PATIENCE_MS);
    samples.push(receipt.at - sent);
  }
  return samples;
};

export type FloodReport = {
  /** Milliseconds from a chat message to its receipt: before and after the flood, and while it lasts. */
  readonly idle: readonly number[];
  readonly flooded: readonly number[];
  /** How often each status was the answer; 0 for none. */
  readonly statuses: Readonly<Record<string, number>>;
};

/** Chats through a gateway whose inbox is flooded with `count` bad requests, without any limit per minute. */
export const measureFlood = async (
  world: World,
  {
    count,
    connections,
    idle,
  }: { readonly count: number; readonly connections: number; readonly idle: number },
): Promise<FloodReport> => {
  const undo = createUndoStack();
  try {
    const { scene, gateway } = await openWholeGateway(world, undo, 'flood');
    const flood = startHelped(world, undo, 'flood.ts');
    await chat(scene, 'warm', (done) => done < WARM_UP);
    const before = await chat(scene, 'before', (done) => done < idle / 2);
    let pours = true;
    const target = { port: gateway.httpPort, host: DOMAIN, known: scene.people.peers[0]?.id ?? '' };
    const poured = flood
      .ask('pour', { ...target, count, connections }, z.record(z.string(), z.number()))
      .finally(() => {
        pours = false;
      });
    const flooded = await chat(scene, 'flooded', () => pours);
    const statuses = await poured;
    const after = await chat(scene, 'after', (done) => done < idle / 2);
    return { idle: [...before, ...after], flooded, statuses };
  } finally {
    await undo.run();
  }
};
