import type { UndoStack } from '../test/support/undo.ts';
import { type GatewayPart, startGatewayPart } from './gateway.ts';
import { seedPeople } from './people.ts';
import { openScene, type Scene } from './scene.ts';
import { until } from './until.ts';
import type { World } from './world.ts';

/** A gateway that does everything in one process, with a database of its own, people it knows, and nothing to do. */
export const openWholeGateway = async (
  world: World,
  undo: UndoStack,
  name: string,
): Promise<{ readonly scene: Scene; readonly gateway: GatewayPart }> => {
  const { db, url } = await world.cluster.create(name);
  const scene = await openScene(undo, 1);
  await seedPeople(db, scene.people.peers);
  const gateway = await startGatewayPart({
    folder: world.folder,
    databaseUrl: url,
    roles: ['xmpp', 'web', 'worker'],
    xmppPort: scene.xmpp.port,
  });
  undo.add(gateway.stop);
  const ready = `http://127.0.0.1:${gateway.httpPort}/readyz`;
  await until('the gateway to be ready', async () => (await fetch(ready)).ok);
  return { scene, gateway };
};
