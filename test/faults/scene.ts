import type { XmppClient } from '../support/xmpp-client.ts';
import type { Watch } from './fault.ts';
import { createLoad, type Load } from './load.ts';
import { type FaultWorld, startFaultWorld, type WorldOptions } from './world.ts';

export type Scene = { readonly world: FaultWorld; readonly load: Load; readonly alice: XmppClient };

/** A world that ends with the row. */
export const worldOf = async (watch: Watch, options: WorldOptions = {}): Promise<FaultWorld> => {
  const world = await startFaultWorld(options);
  watch.undo.add(() => world.stop());
  return world;
};

/** A world of its own in which alice and some people know each other; no gateway runs. */
export const withLoad = async (
  watch: Watch,
  run: (scene: Scene) => Promise<string>,
  options: WorldOptions = {},
): Promise<string> => {
  const world = await worldOf(watch, options);
  const alice = await world.logIn('alice');
  await world.start();
  const load = await createLoad(world, () => alice);
  await world.endGateways();
  return await run({ world, load, alice });
};
