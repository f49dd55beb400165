import { createAgent } from './activitypub/agent.ts';
import { answerInTime, createAuthenticator } from './activitypub/authenticate.ts';
import { createConfirmHandle } from './activitypub/confirm-handle.ts';
import { createGetJson } from './activitypub/fetch.ts';
import { createGetPicture } from './activitypub/fetch-picture.ts';
import { createKeyFinder } from './activitypub/keys.ts';
import { createLookUp } from './activitypub/look-up.ts';
import { rememberBriefly } from './activitypub/remember-briefly.ts';
import { createSend } from './activitypub/send.ts';
import { createSchemeMemory } from './activitypub/signatures/scheme-memory.ts';
import type { SigningKey } from './activitypub/types.ts';
import { createWebfinger } from './activitypub/webfinger-client.ts';
import type { Store } from './app-store.ts';
import { INSTANCE, keyIdOf, type Urls } from './bridge/urls.ts';
import type { Config } from './config.ts';
import { createSignAndSend } from './delivery/sign-and-send.ts';
import { saveHandle } from './store/handles.ts';
import { isHostBlocked } from './store/host-blocks.ts';
import { findScheme, rememberScheme } from './store/host-schemes.ts';
import { findKey, saveActor } from './store/remote-actors.ts';

/** A block by the admin holds at the inbox after two seconds; every activity asks for it twice. */
const BLOCKS = { max: 10_000, keepMs: 2_000, now: () => performance.now() };

/**
 * For so long a host is believed to understand what it took. Not longer: one that took a message without reading its
 * signature would lose all that follow.
 */
export const SCHEME_MS = 86_400_000;

/** So long may it take to prove who signed a request: peers wait for ten seconds and more. */
export const PROOF_MS = 15_000;

/** Everything that goes out to other servers, and the proof of who came in. */
export const createFederation = (config: Config, store: Store, urls: Urls, version: string) => {
  const { db, keyring } = store;
  const { allowPrivateAddresses: allowPrivate } = config.dev;
  const now = () => new Date();
  const userAgent = `Causeway/${version} (+${urls.origin}/)`;
  const ownHost = new URL(urls.origin).host;
  const agent = createAgent({ allowPrivate });
  const sign = async () => ({
    keyId: keyIdOf(urls.instanceActor),
    privateKey: await keyring.privateKeyOf(INSTANCE),
  });
  const schemes = createSchemeMemory({
    find: (host) => findScheme(db, host, new Date(Date.now() - SCHEME_MS)),
    remember: (host, scheme) => rememberScheme(db, host, scheme),
  });
  const blocked = rememberBriefly((host) => isHostBlocked(db, host), BLOCKS);
  const refusesHost = async (host: string): Promise<boolean> => (await blocked(host)) === true;
  const peers = { agent, allowPrivate, ownHost, userAgent };
  const getJson = createGetJson({ ...peers, refusesHost, sign, now, schemes });
  const fetchPicture = createGetPicture({ ...peers, refusesHost });
  const webfinger = createWebfinger({ getJson, allowPrivate });
  const lookUp = createLookUp({ getJson, webfinger, now });
  const send = createSend({ ...peers, now, schemes });
  const prove = createAuthenticator({
    findKey: createKeyFinder({
      store: {
        findKey: (keyId) => findKey(db, keyId),
        saveActor: (actor) =>
          db.transaction(async (tx) => {
            await saveActor(tx, actor);
            await saveHandle(tx, actor.handle, actor.id);
          }),
      },
      getJson,
      confirmHandle: createConfirmHandle({ webfinger }),
      now,
    }),
    isHostBlocked: refusesHost,
    hosts: [ownHost],
    origin: urls.origin,
    now,
  });
  const authenticate = answerInTime(prove, PROOF_MS);
  const keyIdFor = (actorId: string): string =>
    keyIdOf(actorId === INSTANCE ? urls.instanceActor : urls.actor(actorId));
  /** Posts what one of our actors sends: a user's id, or the instance. */
  const deliver = createSignAndSend<SigningKey>({
    send,
    keyOf: async (actorId) => ({
      keyId: keyIdFor(actorId),
      privateKey: await keyring.privateKeyOf(actorId),
    }),
    oldKeyOf: async (actorId, oldKey) => {
      const privateKey = await keyring.oldKeyOf(actorId, oldKey);
      return privateKey && { keyId: keyIdFor(actorId), privateKey };
    },
    forgetKey: keyring.forget,
  });
  return {
    /** XMPP domains where handles are JIDs: filled once they were asked. */
    jidDomains: new Set<string>(),
    /** From our own host too, where the web server of an XMPP domain may lead. */
    getJsonFromAnywhere: createGetJson({ agent, allowPrivate, now, userAgent }),
    lookUp,
    deliver,
    fetchPicture,
    authenticate,
    refusesHost,
    webfinger,
    close: () => agent.close(),
  };
};

export type Federation = ReturnType<typeof createFederation>;
