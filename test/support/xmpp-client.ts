import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** What a client saw: the fields that tests ask for, and the whole stanza as XML. */
export type ClientEvent = {
  readonly event: 'online' | 'failed' | 'message' | 'receipt' | 'presence' | 'iq' | 'closed';
  readonly from?: string;
  readonly to?: string;
  readonly id?: string;
  readonly type?: string;
  readonly lang?: string;
  readonly body?: string;
  readonly status?: string;
  readonly nick?: string;
  /** XEP-0184: the id of the message that arrived. */
  readonly received?: string;
  readonly error?: {
    readonly type: string | null;
    readonly condition: string | null;
    readonly uri: string | null;
    readonly text: string | null;
    readonly lang: string | null;
  };
  readonly text?: string;
  readonly xml?: string;
};

export type ClientCommand =
  | {
      readonly do: 'send';
      readonly to: string;
      readonly body: string;
      readonly id?: string;
      /** Ask for a receipt (XEP-0184). */
      readonly receipt?: boolean;
      readonly lang?: string;
      readonly type?: string;
    }
  | { readonly do: 'presence'; readonly to: string; readonly type: string; readonly id?: string }
  | {
      readonly do: 'iq';
      readonly to: string;
      readonly id: string;
      readonly name: string;
      readonly namespace: string;
    }
  | { readonly do: 'raw'; readonly xml: string };

export type XmppClient = {
  readonly send: (command: ClientCommand) => void;
  /** The first event, past or to come, that fits and was not returned before. */
  readonly next: (fits: (event: ClientEvent) => boolean, timeoutMs?: number) => Promise<ClientEvent>;
  /** All events so far. */
  readonly seen: () => readonly ClientEvent[];
  readonly close: () => Promise<void>;
};

export type ClientOptions = {
  readonly jid: string;
  readonly password: string;
  readonly host: string;
  readonly port: number;
};

const DEADLINE_MS = 45_000;
const SCRIPT = join(import.meta.dirname, 'slixmpp-client.py');

/** Logs a real client in (slixmpp in a Python of its own). Resolves when it is online, rejects when it cannot be. */
export const connectClient = async (options: ClientOptions): Promise<XmppClient> => {
  const { jid, password, host, port } = options;
  const child = spawn('/usr/bin/python3', [SCRIPT, jid, host, String(port)], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const complaints: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk.toString()));
  child.stdin.on('error', () => {});
  child.stdin.write(`${password}\n`);
  const events = collectEvents();
  createInterface({ input: child.stdout }).on('line', (line) => events.add(parseEvent(line)));
  const killAtExit = () => child.kill('SIGKILL');
  process.on('exit', killAtExit);
  const ended = once(child, 'exit').then(() => {
    process.off('exit', killAtExit);
    events.add({ event: 'closed' });
  });
  const close = async (): Promise<void> => {
    child.stdin.end();
    const timer = setTimeout(() => child.kill('SIGKILL'), 2_000);
    await ended;
    clearTimeout(timer);
  };
  const first = await events.next(({ event }) => ['online', 'failed', 'closed'].includes(event), DEADLINE_MS);
  if (first.event !== 'online') {
    await close();
    throw new Error(`${jid} could not log in: ${first.text ?? ''} ${complaints.join('')}`);
  }
  return {
    send: (command) => void child.stdin.write(`${JSON.stringify(command)}\n`),
    next: (fits, timeoutMs = DEADLINE_MS) => events.next(fits, timeoutMs),
    seen: events.seen,
    close,
  };
};

/** The script is ours, so its lines are what they say they are. */
const parseEvent = (line: string): ClientEvent => JSON.parse(line) as ClientEvent;

type Waiter = { readonly fits: (event: ClientEvent) => boolean; readonly take: (event: ClientEvent) => void };

const collectEvents = () => {
  const all: ClientEvent[] = [];
  const unread: ClientEvent[] = [];
  const waiters = new Set<Waiter>();
  return {
    seen: (): readonly ClientEvent[] => all,
    add: (event: ClientEvent): void => {
      all.push(event);
      const waiter = [...waiters].find(({ fits }) => fits(event));
      if (waiter === undefined) unread.push(event);
      else waiter.take(event);
    },
    next: (fits: (event: ClientEvent) => boolean, timeoutMs: number): Promise<ClientEvent> => {
      const index = unread.findIndex(fits);
      const [found] = index < 0 ? [] : unread.splice(index, 1);
      if (found !== undefined) return Promise.resolve(found);
      // Made here, so that its trace names the test that waits.
      const late = new Error();
      return new Promise((resolve, reject) => {
        const waiter: Waiter = {
          fits,
          take: (event) => {
            clearTimeout(timer);
            waiters.delete(waiter);
            resolve(event);
          },
        };
        const timer = setTimeout(() => {
          waiters.delete(waiter);
          late.message = `no such event within ${timeoutMs} ms; seen: ${JSON.stringify(all)}`;
          reject(late);
        }, timeoutMs);
        waiters.add(waiter);
      });
    },
  };
};
