import { join } from 'node:path';
import { trustAuthority, writeCertificates } from './certificates.ts';
import type { FirstKnock } from './fedify-federation.ts';
import { type FedifyPeer, startFedifyPeer } from './fedify-peer.ts';
import { findFreePort } from './free-port.ts';
import { addHostNames } from './hosts.ts';
import { type Snac, startSnac } from './snac.ts';
import { installSnac } from './snac-setup.ts';
import { startTerminator } from './terminator.ts';
import { createUndoStack } from './undo.ts';

export const FEDIFY_HOST = 'fedify.test';
export const SNAC_HOST = 'snac.test';

export type FediverseOptions = {
  /** Where snac's state and the authority are written. snac goes on with what an earlier run left there. */
  readonly folder: string;
  /** Further host names that shall be reached over HTTPS → loopback port of their plain HTTP server. */
  readonly routes: ReadonlyMap<string, number>;
  /** Further host names that shall mean this machine, without HTTPS. */
  readonly names?: readonly string[];
  readonly now: Date;
  readonly firstKnock?: FirstKnock;
  /** How long a port 443 that another run holds is waited for, in milliseconds. */
  readonly portWaitMs?: number;
};

/** A small Fediverse on this machine: names, certificates and servers, with real HTTPS on port 443. */
export type Fediverse = {
  /** PEM file for NODE_EXTRA_CA_CERTS of a child process; this process trusts it already. */
  readonly authorityFile: string;
  /** A server with the user `dave`, and `dora`, who says that she was Dave before. */
  readonly fedify: FedifyPeer;
  /** A server with the users `carol` and `carla`, or one sentence that says why there is none. */
  readonly snac: Snac | string;
  stop(): Promise<void>;
};

/**
 * Starts both servers and all that they need. Needs root for port 443 and /etc/hosts.
 * What was started is stopped again where a later step fails.
 */
export async function startFediverse(options: FediverseOptions): Promise<Fediverse> {
  const undo = createUndoStack();
  try {
    const names = [FEDIFY_HOST, SNAC_HOST, ...options.routes.keys()];
    const certificates = await writeCertificates(options.folder, names, options.now);
    undo.add(trustAuthority(certificates.authority));
    undo.add(addHostNames([...names, ...(options.names ?? [])]));

    const fedify = await startFedifyPeer({
      domain: FEDIFY_HOST,
      users: ['dave', 'dora'],
      aliases: new Map([['dora', 'dave']]),
      idSuffix: `-${options.now.getTime()}`,
      firstKnock: options.firstKnock ?? 'rfc9421',
    });
    undo.add(() => fedify.stop());
    const snacPort = await findFreePort();
    const routes = new Map([...options.routes, [FEDIFY_HOST, fedify.port], [SNAC_HOST, snacPort]]);
    const terminator = await startTerminator(certificates, routes, 443, options.portWaitMs);
    undo.add(() => terminator.stop());

    const snac = await findAndStartSnac(join(options.folder, 'snac'), snacPort, certificates.authorityFile);
    if (typeof snac !== 'string') undo.add(() => snac.stop());
    return { authorityFile: certificates.authorityFile, fedify, snac, stop: () => undo.run() };
  } catch (error) {
    await undo.run();
    throw error;
  }
}

async function findAndStartSnac(folder: string, port: number, caBundle: string): Promise<Snac | string> {
  const program = await installSnac();
  if ('missing' in program) return program.missing;
  return startSnac({
    program: program.path,
    folder,
    domain: SNAC_HOST,
    port,
    users: ['carol', 'carla'],
    caBundle,
  });
}
