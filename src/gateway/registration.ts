import type { LocalActor } from '../bridge/actor.ts';
import { done, type Outcome, refuse } from '../bridge/outcome.ts';
import { permitSender } from '../bridge/policy.ts';
import { accountText } from '../bridge/sentences.ts';
import type { Db } from '../store/database.ts';
import {
  deleteRegistrationRequest,
  hasRegistrationRequest,
  saveRegistrationRequest,
} from '../store/registration-requests.ts';
import { findUserByJid } from '../store/users.ts';
import { tell } from './notices.ts';
import type { GatewayPorts } from './ports.ts';
import { removeUser } from './remove-user.ts';
import { registerUser } from './users.ts';

/** How somebody stands with the gateway. */
export type Standing =
  | { readonly state: 'registered'; readonly user: LocalActor }
  | { readonly state: 'waiting' }
  | { readonly state: 'stranger' };

/** How a bare JID stands; refused where its domain may not use the gateway. */
export const standingOf = async (
  deps: Pick<GatewayPorts, 'db' | 'rules'>,
  jid: string,
): Promise<Outcome<Standing>> => {
  const permitted = permitSender(deps.rules, jid, true);
  if (!permitted.ok) return permitted;
  const user = await findUserByJid(deps.db, jid);
  if (user !== undefined) return done({ state: 'registered', user });
  return done({ state: (await hasRegistrationRequest(deps.db, jid)) ? 'waiting' : 'stranger' });
};

/**
 * Somebody asks for an account (XEP-0077 set, the command `register`): `open` gives it at once, `request` keeps the
 * wish and tells the administrators, `closed` refuses. To ask again changes nothing and is no error.
 */
export const askToRegister = async (deps: GatewayPorts, jid: string): Promise<Outcome<Standing>> => {
  const standing = await standingOf(deps, jid);
  if (!standing.ok || standing.value.state !== 'stranger') return standing;
  if (!deps.allowMessage(jid)) return refuse('over-limit');
  switch (deps.rules.registration) {
    case 'closed':
      return refuse('registration-closed');
    case 'open': {
      const registered = await registerUser(deps, jid);
      if (!registered.ok) return registered;
      deps.wake.stanzas();
      return done({ state: 'registered', user: registered.value });
    }
    case 'request': {
      const saved = await deps.db.transaction((tx) => keepRequest(deps, tx, jid));
      deps.wake.stanzas();
      return saved === 'full' ? refuse('over-limit') : done({ state: 'waiting' });
    }
  }
};

const keepRequest = async (deps: GatewayPorts, tx: Db, jid: string): Promise<'new' | 'known' | 'full'> => {
  const saved = await saveRegistrationRequest(tx, jid);
  if (saved !== 'new') return saved;
  for (const admin of deps.admins) await tell(deps, tx, admin, accountText('account.asks', { jid }));
  if (deps.admins.length === 0) deps.log.warn('registration-unseen', { jid });
  return saved;
};

/**
 * An administrator lets somebody in. Nobody becomes an actor without having asked, but where registration is closed:
 * there the administrator alone can ask. The new user is told by the welcome.
 * @returns `unasked` where nobody of this JID waits; refused where the domain may not use the gateway
 */
export const approve = async (
  deps: GatewayPorts,
  jid: string,
): Promise<Outcome<'approved' | 'known' | 'unasked'>> => {
  const standing = await standingOf(deps, jid);
  if (!standing.ok) return standing;
  const { state } = standing.value;
  if (state === 'registered') return done('known');
  if (state === 'stranger' && deps.rules.registration !== 'closed') return done('unasked');
  const registered = await registerUser(deps, jid);
  if (!registered.ok) return registered;
  deps.wake.stanzas();
  return done('approved');
};

/** An administrator turns a request down, and who asked is told. False where nobody of this JID waits. */
export const turnDown = async (deps: GatewayPorts, jid: string): Promise<boolean> => {
  const waited = await deps.db.transaction(async (tx) => {
    if (!(await deleteRegistrationRequest(tx, jid))) return false;
    await tell(deps, tx, jid, accountText('account.turned-down', { domain: deps.domain }));
    return true;
  });
  deps.wake.stanzas();
  return waited;
};

/** Somebody leaves, or takes a request back. False where there is neither. */
export const leave = async (deps: GatewayPorts, jid: string): Promise<boolean> =>
  (await removeUser(deps, jid)) || (await deleteRegistrationRequest(deps.db, jid));
