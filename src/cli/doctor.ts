import { connect } from 'node:net';
import { openStoreWithKeys, type Store } from '../app-store.ts';
import type { Config } from '../config.ts';
import { type AskedReadiness, askReadiness } from './ask-readiness.ts';
import type { Commands } from './commands.ts';

const CONNECT_MS = 3_000;
const MIN_POSTGRES = 150_000;

type Check = { readonly name: string; readonly ok: boolean; readonly text: string };

const good = (name: string, text: string): Check => ({ name, ok: true, text });
const bad = (name: string, text: string): Check => ({ name, ok: false, text });

/**
 * Tries everything that the gateway needs, and says of each what is wrong and what to change. Works beside a
 * running gateway (whose XMPP stream it asks about rather than taking it over) and without one.
 */
export const doctor: Commands['doctor'] = async (config, log) => {
  const running = await askReadiness(config.http.listen);
  const checks: Check[] = [good('configuration', 'can be used.')];
  let store: Store | undefined;
  try {
    store = await openStoreWithKeys(config, log, { share: true });
    checks.push(await checkDatabase(store), good('secret key', 'opens the stored private keys.'));
  } catch (error) {
    checks.push(bad('database', error instanceof Error ? error.message : String(error)));
  }
  checks.push(await checkXmpp(config, running));
  if (store !== undefined) {
    checks.push(await checkPublicUrl(config, running));
    await store.close();
  }
  return {
    ok: checks.every(({ ok }) => ok),
    lines: checks.map(({ name, ok, text }) => `${ok ? 'ok   ' : 'WRONG'}  ${name}: ${text}`),
    data: { checks },
  };
};

const checkDatabase = async ({ db }: Store): Promise<Check> => {
  const { rows } = await db.query<{ version: string; number: string }>(
    "select current_setting('server_version') as version, current_setting('server_version_num') as number",
  );
  const version = rows[0]?.version ?? '';
  return Number(rows[0]?.number) >= MIN_POSTGRES
    ? good('database', `PostgreSQL ${version}, up to date.`)
    : bad('database', `PostgreSQL ${version} is too old: use 15 or newer.`);
};

const checkXmpp = async (config: Config, running: AskedReadiness): Promise<Check> => {
  const { host, port } = config.xmpp.server;
  if (running.running)
    return running.ready ? good('XMPP', 'the running gateway is connected.') : bad('XMPP', running.text);
  return (await accepts(host, port))
    ? good('XMPP', `something listens at xmpp.server; \`causeway run\` tells whether it takes the secret.`)
    : bad(
        'XMPP',
        `nothing listens at xmpp.server (${host}:${port}). Start the XMPP server, and let it take components there.`,
      );
};

const accepts = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_MS });
    const end = (answer: boolean) => (): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', end(true)).once('timeout', end(false)).once('error', end(false));
  });

/**
 * Through the public URL and back, as a stranger asks: DNS, TLS, reverse proxy and WebFinger in one question.
 * Not by the gateway's own client, which never asks its own host.
 */
const checkPublicUrl = async ({ domain, publicUrl }: Config, running: AskedReadiness): Promise<Check> => {
  const name = 'public URL';
  if (!running.running) return bad(name, 'cannot be tried while the gateway is not running here.');
  const problem = await askPublicUrl(`${publicUrl}/.well-known/webfinger?resource=acct:${domain}@${domain}`);
  return problem === undefined
    ? good(name, `${publicUrl} leads here.`)
    : bad(
        name,
        `${publicUrl} does not lead here: ${problem}. Check DNS, the certificate, and that the reverse proxy passes all paths on.`,
      );
};

/** What is wrong with the answer; undefined for a good one. */
const askPublicUrl = async (url: string): Promise<string | undefined> => {
  try {
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(CONNECT_MS) });
    const document: unknown = response.ok ? await response.json() : undefined;
    const isOurs = typeof document === 'object' && document !== null && 'subject' in document;
    return isOurs ? undefined : `it answers ${response.status} to a question about the gateway`;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return cause instanceof Error ? cause.message : String(cause);
  }
};
