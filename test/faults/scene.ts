import type { XmppClient } from '../support/xmpp-client.ts';
import { createLoad, type Load } from './load.ts';
import { type FaultWorld, startFaultWorld, type WorldOptions } from './world.ts';

export type Scene = { readonly world: FaultWorld; readonly load: Load; readonly alice: XmppClient };

/** A world of its own in which alice and some people know each other; no gateway runs. Ended after `run`. */
export const withLoad = async (
  run: (scene: Scene) => Promise<string>,
  options: WorldOptions = {},
): Promise<string> => {
  const world = await startFaultWorld(options);
  try {
    const alice = await world.logIn('alice');
    await world.start();
    const load = await createLoad(world, () => alice);
    await world.endGateways();
    return await run({ world, load, alice });
  } finally {
    await world.stop();
  }
};
