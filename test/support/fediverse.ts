import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { trustAuthority, writeCertificates } from './certificates.ts';
import type { FirstKnock } from './fedify-federation.ts';
import { type FedifyPeer, startFedifyPeer } from './fedify-peer.ts';
import { findFreePort } from './free-port.ts';
import { addHostNames } from './hosts.ts';
import { installSnac, type Snac, startSnac } from './snac.ts';
import { startTerminator } from './terminator.ts';

export const FEDIFY_HOST = 'fedify.test';
export const SNAC_HOST = 'snac.test';

export type FediverseOptions = {
  /** Where snac's state and the authority are written; what an earlier run left there goes. */
  readonly folder: string;
  /** Further host names that shall be reached over HTTPS → loopback port of their plain HTTP server. */
  readonly routes: ReadonlyMap<string, number>;
  readonly now: Date;
  readonly firstKnock?: FirstKnock;
  /** How long a port 443 that another run holds is waited for, in milliseconds. */
  readonly portWaitMs?: number;
};

/** A small Fediverse on this machine: names, certificates and servers, with real HTTPS on port 443. */
export type Fediverse = {
  /** PEM file for NODE_EXTRA_CA_CERTS of a child process; this process trusts it already. */
  readonly authorityFile: string;
  /** A server with the user `dave`. */
  readonly fedify: FedifyPeer;
  /** A server with the user `carol`, or one sentence that says why there is none. */
  readonly snac: Snac | string;
  stop(): Promise<void>;
};

/**
 * Starts both servers and all that they need. Needs root for port 443 and /etc/hosts.
 * What was started is stopped again where a later step fails.
 */
export async function startFediverse(options: FediverseOptions): Promise<Fediverse> {
  const undo: (() => void | Promise<void>)[] = [];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const names = [FEDIFY_HOST, SNAC_HOST, ...options.routes.keys()];
    const certificates = await writeCertificates(options.folder, names, options.now);
    undo.push(trustAuthority(certificates.authority));
    undo.push(addHostNames(names));

    const fedify = await startFedifyPeer(FEDIFY_HOST, ['dave'], options.firstKnock);
    undo.push(() => fedify.stop());
    const snacPort = await findFreePort();
    const routes = new Map([...options.routes, [FEDIFY_HOST, fedify.port], [SNAC_HOST, snacPort]]);
    const terminator = await startTerminator(certificates, routes, 443, options.portWaitMs);
    undo.push(() => terminator.stop());

    const snac = await startFreshSnac(join(options.folder, 'snac'), snacPort, certificates.authorityFile);
    if (typeof snac !== 'string') undo.push(() => snac.stop());
    return { authorityFile: certificates.authorityFile, fedify, snac, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startFreshSnac(folder: string, port: number, caBundle: string): Promise<Snac | string> {
  const program = await installSnac();
  if ('missing' in program) return program.missing;
  await rm(folder, { recursive: true, force: true });
  return startSnac({ program: program.path, folder, domain: SNAC_HOST, port, users: ['carol'], caBundle });
}
