import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createEventLog, type EventLog } from '../test/support/event-log.ts';
import { startFediverse } from '../test/support/fediverse.ts';
import { findFreePort } from '../test/support/free-port.ts';
import { startProsody } from '../test/support/prosody.ts';
import type { UndoStack } from '../test/support/undo.ts';
import { startGateway } from './gateway.ts';
import type { Say } from './narrate.ts';
import { choosePerson, type Person, type Seen } from './person.ts';
import { type Account, logIn, type XmppUser } from './xmpp-user.ts';

export const XMPP_DOMAIN = 'xmpp.test';
export const GATEWAY_DOMAIN = 'ap.test';
const PASSWORD = 'wonderland';

/** All that runs: an XMPP server with a user, the gateway, a Fediverse server with a person. */
export type World = {
  readonly person: Person;
  /** The person's JID at the gateway. */
  readonly contact: string;
  readonly user: XmppUser;
  readonly account: Account;
  /** What each of the two sees, from the start. */
  readonly atFediverse: EventLog<Seen>;
  readonly atXmpp: EventLog<Seen>;
  /** Who runs → the last lines of what it wrote. */
  readonly logs: ReadonlyMap<string, (lines: number) => string>;
};

export type WorldOptions = {
  readonly root: string;
  /** The demo's own folder; the gateway's database and snac's state in it are gone on with at the next start. */
  readonly folder: string;
  readonly say: Say;
  readonly now: Date;
  /** Gets what is to be taken back, step by step, so that a start that fails half-way is taken back too. */
  readonly undo: UndoStack;
};

/** Starts everything, telling each step. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const { root, folder, say, undo } = options;
  const httpPort = await findFreePort();
  const fediverse = await startFediverse({
    folder: join(folder, 'fediverse'),
    routes: new Map([[GATEWAY_DOMAIN, httpPort]]),
    names: [XMPP_DOMAIN],
    now: options.now,
  });
  undo.add(() => fediverse.stop());
  if (typeof fediverse.snac === 'string') say(fediverse.snac);
  const person = choosePerson(fediverse);
  say(`${person.server} runs at https://${person.handle.split('@')[1]}; @${person.handle} lives there.`);

  const componentSecret = randomBytes(16).toString('hex');
  const prosody = await startProsody({
    domain: XMPP_DOMAIN,
    componentDomain: GATEWAY_DOMAIN,
    componentSecret,
    users: { alice: PASSWORD },
    c2sPort: await findFreePort(5222),
  });
  undo.add(() => prosody.stop());
  say(`Prosody (an XMPP server) runs for ${XMPP_DOMAIN} on port ${prosody.c2sPort}.`);

  const gateway = await startGateway({
    root,
    folder: join(folder, 'gateway'),
    domain: GATEWAY_DOMAIN,
    homeDomain: XMPP_DOMAIN,
    httpPort,
    componentPort: prosody.componentPort,
    componentSecret,
    authorityFile: fediverse.authorityFile,
  });
  undo.add(() => gateway.stop());
  say(`Causeway runs as the component ${GATEWAY_DOMAIN} and at https://${GATEWAY_DOMAIN}.`);

  const account = {
    jid: `alice@${XMPP_DOMAIN}`,
    password: PASSWORD,
    host: '127.0.0.1',
    port: prosody.c2sPort,
  };
  const user = await logIn(account);
  undo.add(() => user.close());
  say(`${user.jid} is logged in with the client slixmpp.`);

  const contact = `${person.handle.replace('@', '%')}@${GATEWAY_DOMAIN}`;
  const ends = { atFediverse: createEventLog<Seen>(), atXmpp: createEventLog<Seen>() };
  undo.add(await tellWhatIsSeen({ say, person, user, ...ends }));
  const logs = new Map([
    ['The gateway', (lines: number) => gateway.tail(lines)],
    [person.server, (lines: number) => person.tail(lines)],
    ['Prosody', (lines: number) => prosody.log().trimEnd().split('\n').slice(-lines).join('\n')],
  ]);
  return { person, contact, user, account, logs, ...ends };
}

type Telling = Pick<World, 'person' | 'user' | 'atFediverse' | 'atXmpp'> & { readonly say: Say };

async function tellWhatIsSeen({ say, person, user, atFediverse, atXmpp }: Telling): Promise<() => void> {
  user.listen(
    (seen) => {
      say(`${user.jid} sees, from ${seen.from}: ${seen.text}`);
      atXmpp.add(seen);
    },
    (to, text) => say(`${user.jid} types to ${to}: ${text}`),
  );
  return person.listen((seen) => {
    say(`@${person.handle} sees, from ${seen.from}: ${seen.text}`);
    atFediverse.add(seen);
  });
}
