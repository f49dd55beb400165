import { createUndoStack } from '../test/support/undo.ts';
import type { GatewayPart } from './gateway.ts';
import { ALICE, URLS } from './people.ts';
import { openRawConnection } from './raw-http.ts';
import type { Report } from './report.ts';
import { chatStanza, isReceipt, type Scene } from './scene.ts';
import { readPrivateKey, renderCreate, renderSignedRequest } from './signed-notes.ts';
import { openWholeGateway } from './whole.ts';
import type { World } from './world.ts';

const PATIENCE_MS = 10_000;
/** Their first messages are slower: nothing is compiled, no connection is open. */
const WARM_UP = 5;

/** One message at a time through an idle gateway that does everything in one process, each way. */
export const measureLatency = async (world: World): Promise<Report> => {
  const undo = createUndoStack();
  try {
    const { scene, gateway } = await openWholeGateway(world, undo, 'latency');
    const out = await measureOut(scene, world.sizes.messages);
    const back = await measureIn(scene, gateway, world.sizes.messages);
    return { throughput: [], latency: [...out, ...back], facts: [] };
  } finally {
    await undo.run();
  }
};

/** The next one waits for the receipt of the one before. */
const measureOut = async ({ people, xmpp, posts, written }: Scene, messages: number) => {
  const toPost: number[] = [];
  const toReceipt: number[] = [];
  const [peer] = people.peers;
  if (peer === undefined) throw new Error('nobody to write to');
  for (let n = 0; n < WARM_UP + messages; n += 1) {
    const id = `out-${n}`;
    const sent = performance.now();
    xmpp.write(chatStanza(peer, id));
    const post = await posts.waitFor(({ at }) => at >= sent, 'POST', PATIENCE_MS);
    const receipt = await written.waitFor((stanza) => isReceipt(stanza, id), 'receipt', PATIENCE_MS);
    if (n < WARM_UP) continue;
    toPost.push(post.at - sent);
    toReceipt.push(receipt.at - sent);
  }
  return [
    { name: 'chat message to POST at the inbox', samples: toPost },
    { name: 'chat message to receipt', samples: toReceipt },
  ];
};

/** The next one waits for the stanza of the one before. */
const measureIn = async ({ people, written }: Scene, gateway: GatewayPart, messages: number) => {
  const fromPost: number[] = [];
  const fromAccepted: number[] = [];
  const key = readPrivateKey(people.peerKey.privateDer.toString('base64'));
  const connection = await openRawConnection(gateway.httpPort);
  const who = {
    author: people.peers[0]?.id ?? '',
    recipient: URLS.actor(ALICE.id),
    inbox: URLS.inbox(ALICE.id),
  };
  for (let n = 0; n < WARM_UP + messages; n += 1) {
    const name = `in-${n}-`;
    const now = new Date();
    const request = await renderSignedRequest(who, renderCreate(who, name, now), key, now);
    const posted = performance.now();
    const stanza = written.waitFor(({ xml }) => xml.includes(name), 'stanza', PATIENCE_MS);
    await connection.post(request);
    const accepted = performance.now();
    const { at } = await stanza;
    if (n < WARM_UP) continue;
    fromPost.push(at - posted);
    fromAccepted.push(at - accepted);
  }
  connection.close();
  return [
    { name: 'Note posted to stanza written', samples: fromPost },
    { name: 'Note accepted (202) to stanza written', samples: fromAccepted },
  ];
};
