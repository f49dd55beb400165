import type { RemoteActor } from '../src/bridge/actor.ts';
import { handleToJid } from '../src/bridge/address.ts';
import { keyIdOf, urlsOf } from '../src/bridge/urls.ts';
import type { Database } from '../src/store/database.ts';
import { saveHandle } from '../src/store/handles.ts';
import { type KeyPair, makeKeyPair } from '../src/store/key-pool.ts';
import { createKeyring } from '../src/store/keyring.ts';
import { saveActor } from '../src/store/remote-actors.ts';
import { insertUser } from '../src/store/users.ts';

export const DOMAIN = 'ap.bench.test';
export const HOME = 'xmpp.bench.test';
export const XMPP_SECRET = 'component-secret';
/** 32 bytes as hexadecimal digits; what it encrypts lives as long as the run. */
export const SECRET_KEY = '5a'.repeat(32);
export const URLS = urlsOf(`https://${DOMAIN}`);
/** The one registered user. */
export const ALICE = { id: 'alice0000000000000000000000', jid: `alice@${HOME}`, name: 'alice' } as const;

/**
 * A person on another server, `n` from 0. `inbox` is where deliveries go; nothing else is ever asked of the
 * host, which does not exist. All have the same key: what a check costs does not depend on it.
 */
export const peerOf = (n: number, inbox: string, publicPem: string): RemoteActor => {
  const host = `peer${n}.test`;
  const id = `https://${host}/users/p${n}`;
  return {
    id,
    type: 'Person',
    preferredUsername: `p${n}`,
    handle: { user: `p${n}`, host },
    name: `Person ${n}`,
    summary: '<p>Writes to Alice.</p>',
    url: `https://${host}/@p${n}`,
    inbox,
    sharedInbox: undefined,
    followers: `${id}/followers`,
    icon: undefined,
    manuallyApprovesFollowers: false,
    acceptsChatMessages: false,
    bridgeable: undefined,
    movedTo: undefined,
    keys: [{ id: keyIdOf(id), owner: id, pem: publicPem }],
  };
};

export type People = {
  readonly peers: readonly RemoteActor[];
  /** With which the peers sign. */
  readonly peerKey: KeyPair;
};

/** Peers whose inboxes lie round-robin at `origins`. */
export const invitePeers = async (count: number, origins: readonly string[]): Promise<People> => {
  const peerKey = await makeKeyPair();
  const peers = Array.from({ length: count }, (_, n) =>
    peerOf(n, `${origins[n % origins.length] ?? ''}/users/p${n}/inbox`, peerKey.publicPem),
  );
  return { peers, peerKey };
};

/** The rows of people whom a gateway knows: the peers, and Alice where she shall be registered. */
export const seedPeople = async (
  db: Database,
  peers: readonly RemoteActor[],
  { register = true } = {},
): Promise<void> => {
  const pair = register ? await makeKeyPair() : undefined;
  const keyring = createKeyring({ db, secretKey: Buffer.from(SECRET_KEY, 'hex') });
  await db.transaction(async (tx) => {
    if (pair !== undefined) {
      await insertUser(tx, ALICE);
      await keyring.add(tx, ALICE.id, pair);
    }
    for (const peer of peers) {
      await saveActor(tx, peer);
      await saveHandle(tx, peer.handle, peer.id);
    }
  });
};

/** The bare JID under which Alice knows a peer. */
export const contactOf = (peer: RemoteActor): string => {
  const jid = handleToJid(peer.handle, DOMAIN);
  if (jid === undefined) throw new Error('a peer without a JID');
  return jid;
};
