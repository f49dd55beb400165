import { openStore } from '../app-store.ts';
import { countDeliveries } from '../store/deliveries.ts';
import { countActivities } from '../store/inbox.ts';
import { countReceived } from '../store/received-stanzas.ts';
import { countStanzas } from '../store/stanzas.ts';
import { countUsers } from '../store/users.ts';
import { askReadiness } from './ask-readiness.ts';
import type { Commands } from './commands.ts';

/** One screen: whether the gateway runs, who uses it, what waits. Exit code 1 when it is not ready. */
export const status: Commands['status'] = async (config, log) => {
  const readiness = await askReadiness(config.http.listen);
  const store = await openStore(config, log, { share: true });
  try {
    const users = await countUsers(store.db);
    const deliveries = await countDeliveries(store.db);
    const stanzas = await countStanzas(store.db);
    const inbox = await countActivities(store.db);
    const received = await countReceived(store.db);
    return {
      ok: readiness.ready,
      lines: [
        `Gateway     ${readiness.text}`,
        `Users       ${users.total} registered, ${users.activeMonth} active in the last month`,
        `To deliver  ${deliveries.due} waiting, ${deliveries.failed} given up in the last days`,
        `To XMPP     ${stanzas.due} waiting, ${stanzas.failed} given up`,
        `Received    ${inbox.due} from the Fediverse and ${received} from XMPP waiting`,
      ],
      data: {
        ready: readiness.ready,
        reasons: readiness.reasons,
        users,
        deliveries,
        stanzas,
        inbox,
        received: { due: received },
      },
    };
  } finally {
    await store.close();
  }
};
