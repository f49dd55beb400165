import type { ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { chooseAccount, isRoot } from './embedded/account.ts';
import { type Binaries, provideBinaries } from './embedded/binaries.ts';
import { findOwner, initialiseCluster, pgdataOf, readUrl } from './embedded/initialise.ts';
import { findCluster, forgetCluster, placeCluster, SYSTEM_FOLDER } from './embedded/place.ts';
import { findPostmaster, removeStalePidFile, stopPostmaster } from './embedded/postmaster.ts';
import { isNamedAlive, nameProcess } from './embedded/process.ts';
import type { Account } from './embedded/run.ts';
import { launchServer, logOf, type ServerOptions, stopServer } from './embedded/server.ts';
import { keepRunning } from './embedded/watch.ts';
import { StartRefusal } from './start-refusal.ts';

export type EmbeddedOptions = {
  readonly dataDir: string;
  /** One line for the admin at a time. */
  readonly log: (line: string) => void;
  /** Settings of PostgreSQL that differ from ours, by name. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Another PostgreSQL than the one of the package. */
  readonly binaries?: Binaries;
  /** Where root keeps what the database's account cannot reach elsewhere. */
  readonly systemFolder?: string;
};

export type Embedded = {
  readonly url: string;
  /** Fast shutdown; returns when the server has ended. May be called again. */
  readonly stop: () => Promise<void>;
};

/**
 * Starts the PostgreSQL that is part of this package on the cluster of a data directory, and makes both
 * where they are missing. The server belongs to this process: it is started again when it dies, and told to
 * stop when this process exits. One that a crashed process left behind is stopped first. Throws
 * `StartRefusal` when another live process runs it or when it cannot run here.
 */
export const startEmbedded = async (options: EmbeddedOptions): Promise<Embedded> => {
  const account = await findAccount(options);
  const systemFolder = options.systemFolder ?? SYSTEM_FOLDER;
  const cluster = await placeCluster({ dataDir: options.dataDir, account, systemFolder });
  const folder = isRoot() ? systemFolder : resolve(options.dataDir);
  const binaries = options.binaries ?? (await provideBinaries({ account, folder, log: options.log }));
  await initialiseCluster(cluster, binaries, account);
  const server: ServerOptions = {
    cluster,
    binaries,
    account,
    owner: await nameProcess(process.pid),
    settings: options.settings ?? {},
  };
  const { child, port } = await launchOnFreePort(server, options.log);
  const url = await readUrl(cluster, port);
  if (url === undefined) {
    await stopServer(child);
    throw new StartRefusal(`The password of the database in ${cluster} cannot be read by this user.`);
  }
  return { url, stop: keepRunning({ child, relaunch: () => launchServer(server, port), log: options.log }) };
};

/** As whom the server runs: as the owner of the cluster that is there, else as one chosen for a new one. */
const findAccount = async (options: EmbeddedOptions): Promise<Account | undefined> => {
  const cluster = await findCluster(options.dataDir);
  const isMade =
    cluster !== undefined && (await stat(pgdataOf(cluster)).catch(() => undefined)) !== undefined;
  return isMade ? findOwner(cluster) : chooseAccount(options.log);
};

/** Where to connect to the running server of a data directory; undefined when none runs. Starts nothing. */
export const attachEmbedded = async (options: {
  readonly dataDir: string;
}): Promise<{ readonly url: string } | undefined> => {
  const cluster = await findCluster(options.dataDir);
  if (cluster === undefined) return undefined;
  const server = await findPostmaster(pgdataOf(cluster));
  if (server?.ready !== true) return undefined;
  const url = await readUrl(cluster, server.port);
  return url === undefined ? undefined : { url };
};

/** Stops the server of a data directory, whoever started it, and deletes the cluster. There is no way back. */
export const removeEmbedded = async (options: { readonly dataDir: string }): Promise<void> => {
  const cluster = await findCluster(options.dataDir);
  if (cluster === undefined) return;
  const server = await findPostmaster(pgdataOf(cluster));
  if (server !== undefined) await stopPostmaster(pgdataOf(cluster), server.pid);
  // Its owner may be starting it again at this moment, and put files back into a folder that is being emptied.
  await rm(cluster, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  await forgetCluster(options.dataDir);
};

const PORT_ATTEMPTS = 20;

const launchOnFreePort = async (
  server: ServerOptions,
  log: (line: string) => void,
): Promise<{ child: ChildProcess; port: number }> => {
  const file = join(server.cluster, 'port');
  let port = await readPort(file);
  for (let attempt = 0; attempt < PORT_ATTEMPTS; attempt++) {
    await makeWay(server, log);
    const launch = await launchServer(server, port);
    if (launch.kind === 'ready') {
      await writeFile(file, `${port}\n`, { mode: 0o644 });
      return { child: launch.child, port };
    }
    if (launch.portTaken) {
      port = randomPort();
      continue;
    }
    // Another start was faster: the next look finds its server, and says so.
    if ((await findPostmaster(pgdataOf(server.cluster))) !== undefined) continue;
    throw new Error(`the database does not start: ${launch.lastWords} (${logOf(server.cluster)})`);
  }
  throw new Error(`the database found no free port on 127.0.0.1 (${logOf(server.cluster)})`);
};

/** Ends what a crash left behind; refuses where the server's own process lives. */
const makeWay = async (server: ServerOptions, log: (line: string) => void): Promise<void> => {
  const pgdata = pgdataOf(server.cluster);
  const running = await findPostmaster(pgdata);
  if (running === undefined) return removeStalePidFile(pgdata);
  if (running.owner !== undefined && !(await isNamedAlive(running.owner))) {
    log(`stopping the database that a crash left behind (process ${running.pid})`);
    return stopPostmaster(pgdata, running.pid);
  }
  const user = running.owner === undefined ? 'by hand' : `by process ${running.owner.split('-', 1)[0]}`;
  throw new StartRefusal(
    `The database in ${server.cluster} is running already, started ${user}. ` +
      'Stop that one first, or give this one another data_dir.',
  );
};

/** Below the range from which systems take ports for outgoing connections. */
const randomPort = (): number => randomInt(20_000, 32_000);

const readPort = async (file: string): Promise<number> => {
  const port = Number(await readFile(file, 'utf8').catch(() => ''));
  return Number.isSafeInteger(port) && port > 1023 && port < 65_536 ? port : randomPort();
};
