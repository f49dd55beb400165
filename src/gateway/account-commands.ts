import { localHandle } from '../bridge/local-handle.ts';
import { accountText, refusalText } from '../bridge/sentences.ts';
import { findUserByJid } from '../store/users.ts';
import type { Command } from './commands.ts';
import { askToRegister, leave } from './registration.ts';

const register: Command = {
  name: 'register',
  help: 'register – get a name in the Fediverse',
  isForAdmins: false,
  run: async (deps, jid) => {
    const asked = await askToRegister(deps, jid);
    if (!asked.ok) return refusalText(asked.refusal);
    const { value } = asked;
    return value.state === 'registered'
      ? accountText('account.registered', { handle: `@${localHandle(value.user, deps)}` })
      : accountText('account.waiting', { domain: deps.domain });
  },
};

/** Asks first: what is deleted over there does not come back. */
const leaving: Command = {
  name: 'leave',
  help: 'leave – delete your name and all that you sent from the Fediverse',
  isForAdmins: false,
  run: async (deps, jid, rest) => {
    if (rest.toLowerCase() === 'yes')
      return (await leave(deps, jid))
        ? accountText('account.left')
        : refusalText({ reason: 'not-registered' });
    const user = await findUserByJid(deps.db, jid);
    return user === undefined
      ? refusalText({ reason: 'not-registered' })
      : accountText('account.confirm-leave', { handle: `@${localHandle(user, deps)}` });
  },
};

/** What everybody may do about their own account. */
export const accountCommands: readonly Command[] = [register, leaving];
