import { createHash } from 'node:crypto';
import type { LocalActor } from '../bridge/actor.ts';
import { localHandle } from '../bridge/local-handle.ts';
import { done, type Outcome, refuse } from '../bridge/outcome.ts';
import { permitSender } from '../bridge/policy.ts';
import { welcomeText } from '../bridge/sentences.ts';
import { localUserId } from '../bridge/urls.ts';
import { userNameCandidates } from '../bridge/user-name.ts';
import type { Db } from '../store/database.ts';
import { deleteRegistrationRequest } from '../store/registration-requests.ts';
import { enqueueStanza } from '../store/stanzas.ts';
import { findActiveUsers, findUserById, findUserByJid, insertUser } from '../store/users.ts';
import type { HasClock, HasDatabase, HasIdentity, HasKeys, HasPolicy, KeyPair } from './ports.ts';

type Deps = HasDatabase & HasIdentity & HasClock & HasKeys & HasPolicy;

/** The user behind a bare JID, made an actor now if this is the first act (product promise 6). */
export const findOrRegister = async (deps: Deps, jid: string): Promise<Outcome<LocalActor>> => {
  const known = await findUserByJid(deps.db, jid);
  const permitted = permitSender(deps.rules, jid, known !== undefined);
  if (!permitted.ok) return permitted;
  if (known !== undefined) return done(known);
  return await registerUser(deps, jid);
};

/** The names that a bare JID may get here, best first. */
export const namesFor = (jid: string, homeDomains: readonly string[]): readonly string[] =>
  userNameCandidates(jid, { homeDomains, hash: hashToBase32(createHash('sha256').update(jid).digest()) });

/** Makes a bare JID an actor, whatever the mode of registration, and welcomes it. Then `deps.wake.stanzas()`. */
export const registerUser = async (deps: Deps, jid: string): Promise<Outcome<LocalActor>> => {
  const pair = await deps.takeKeyPair();
  for (const name of namesFor(jid, deps.rules.homeDomains)) {
    const id = deps.newId();
    const result = await deps.db.transaction((tx) => insertWithKey(deps, tx, { id, jid, name }, pair));
    if (result !== 'name-taken') break;
  }
  const user = await findUserByJid(deps.db, jid);
  return user === undefined ? refuse('internal') : done(user);
};

/** One lower-case letter or digit of RFC 4648's base32 for each byte: a name has no room for more. */
const hashToBase32 = (digest: Buffer): string =>
  Array.from(digest, (byte) => 'abcdefghijklmnopqrstuvwxyz234567'[byte % 32] ?? '').join('');

const insertWithKey = async (
  deps: Deps,
  tx: Db,
  user: { readonly id: string; readonly jid: string; readonly name: string },
  pair: KeyPair,
): Promise<'inserted' | 'jid-taken' | 'name-taken'> => {
  const result = await insertUser(tx, user);
  if (result !== 'inserted') return result;
  await deps.addKey(tx, user.id, pair);
  await deleteRegistrationRequest(tx, user.jid);
  await enqueueStanza(tx, {
    kind: 'message',
    type: 'chat',
    id: `welcome-${user.id}`,
    from: deps.domain,
    to: user.jid,
    body: welcomeText({
      handle: `@${localHandle(user, deps)}`,
      profileUrl: deps.urls.profile(user.name),
      domain: deps.domain,
    }),
    lang: 'en',
  });
  return result;
};

/** The active user behind the URL of one of our actors. */
export const activeUser = async (
  deps: HasDatabase & HasIdentity,
  uri: string,
): Promise<LocalActor | undefined> => {
  const id = localUserId(deps.urls.origin, uri);
  const user = id === undefined ? undefined : await findUserById(deps.db, id);
  return user?.state === 'active' ? user : undefined;
};

/** The active users behind some of these URLs: one question, however many a stranger names. */
export const activeUsers = (
  deps: HasDatabase & HasIdentity,
  uris: readonly string[],
): Promise<readonly LocalActor[]> =>
  findActiveUsers(deps.db, [...new Set(uris.flatMap((uri) => localUserId(deps.urls.origin, uri) ?? []))]);
