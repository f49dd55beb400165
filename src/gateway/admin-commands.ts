import { parseJid } from '../bridge/jid.ts';
import { accountText, refusalText } from '../bridge/sentences.ts';
import { listRegistrationRequests } from '../store/registration-requests.ts';
import type { Command } from './commands.ts';
import { approve, turnDown } from './registration.ts';

/** A message holds so many addresses at most. */
const MAX_LISTED = 50;

/** The bare JID that somebody typed; undefined where it is none. */
const typedJid = (rest: string): string | undefined => {
  const jid = parseJid(rest.replace(/^xmpp:/u, ''));
  return jid === undefined || jid.local === '' ? undefined : jid.bare;
};

const approving: Command = {
  name: 'approve',
  help: 'approve <address> – let somebody use the gateway',
  isForAdmins: true,
  run: async (deps, _admin, rest) => {
    const jid = typedJid(rest);
    if (jid === undefined) return accountText('account.which', { command: 'approve' });
    const approved = await approve(deps, jid);
    return approved.ok ? accountText(`account.${approved.value}`, { jid }) : refusalText(approved.refusal);
  },
};

const refusing: Command = {
  name: 'refuse',
  help: 'refuse <address> – turn a request down',
  isForAdmins: true,
  run: async (deps, _admin, rest) => {
    const jid = typedJid(rest);
    if (jid === undefined) return accountText('account.which', { command: 'refuse' });
    return accountText((await turnDown(deps, jid)) ? 'account.refused' : 'account.unasked', { jid });
  },
};

const listing: Command = {
  name: 'requests',
  help: 'requests – who asked to use the gateway and waits',
  isForAdmins: true,
  run: async (deps) => {
    const waiting = await listRegistrationRequests(deps.db, MAX_LISTED);
    return waiting.length === 0 ? accountText('account.none-waits') : waiting.join('\n');
  },
};

/** What an administrator decides about others. */
export const adminCommands: readonly Command[] = [approving, refusing, listing];
