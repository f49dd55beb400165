import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startChild } from '../test/support/child.ts';
import { findFreePort } from '../test/support/free-port.ts';
import { createUndoStack } from '../test/support/undo.ts';
import type { BenchDatabase } from './database.ts';
import { toEnvironment } from './gateway.ts';
import { seedPeople } from './people.ts';
import type { Report } from './report.ts';
import { chatStanza, isReceipt, openScene } from './scene.ts';
import { until } from './until.ts';
import type { World } from './world.ts';

const PATIENCE_MS = 20_000;
const ROOT = join(import.meta.dirname, '..');

/** The resident memory of a process in MiB (proc_pid_status(5): VmRSS in kB). Linux only. */
export const readResident = async (pid: number): Promise<number> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kilobytes = /^VmRSS:\s+(\d+) kB$/mu.exec(status)?.[1];
  if (kilobytes === undefined) throw new Error(`process ${pid} has no VmRSS`);
  return Number(kilobytes) / 1_024;
};

/**
 * What `causeway run` holds in memory, in MiB, with one user who registered by writing to somebody and
 * whose message has arrived; the database is not in it. `database` has its tables and nothing else. Compiled, as
 * `npm start` runs it: from the sources the process would hold a compiler too, about 40 MiB.
 */
export const measureResident = async ({ db, url }: BenchDatabase, folder: string): Promise<number> => {
  const undo = createUndoStack();
  try {
    const scene = await openScene(undo, 1);
    const [peer] = scene.people.peers;
    if (peer === undefined) throw new Error('nobody to write to');
    await seedPeople(db, scene.people.peers, { register: false });
    const httpPort = await findFreePort();
    const settings = toEnvironment({
      folder,
      databaseUrl: url,
      roles: ['xmpp', 'web', 'worker'],
      httpPort,
      xmppPort: scene.xmpp.port,
    });
    const built = await promisify(execFile)('sh', [join(ROOT, 'scripts/build.sh')]);
    if (built.stderr !== '') throw new Error(built.stderr);
    const start = () =>
      startChild(process.execPath, {
        args: [join(ROOT, 'dist/main.js'), 'run'],
        cwd: folder,
        env: { PATH: process.env['PATH'], ...settings },
        logFile: join(folder, 'idle.log'),
      });
    const isReady = async (): Promise<boolean> =>
      (await fetch(`http://127.0.0.1:${httpPort}/readyz`).catch(() => undefined))?.ok === true;
    const child = await start();
    undo.add(child.stop);
    await until('the gateway to be ready', isReady);
    scene.xmpp.write(chatStanza(peer, 'first'));
    await scene.written.waitFor((stanza) => isReceipt(stanza, 'first'), 'receipt', PATIENCE_MS);
    await until('the gateway to be idle', isReady);
    return await readResident(child.pid);
  } finally {
    await undo.run();
  }
};

export const measureMemory = async ({ cluster, folder }: World): Promise<Report> => {
  const resident = await measureResident(await cluster.create('memory'), folder);
  return {
    throughput: [],
    latency: [],
    facts: [{ name: 'memory: idle, one user, without the database', value: resident, unit: 'MiB resident' }],
  };
};
