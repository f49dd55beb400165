import { localHandle } from '../bridge/local-handle.ts';
import type { OwnProfile } from '../bridge/own-profile.ts';
import { parseOwnBio, parseOwnName } from '../bridge/own-profile.ts';
import { accountText, refusalText } from '../bridge/sentences.ts';
import { changeProfile } from './change-profile.ts';
import type { Command } from './commands.ts';
import type { GatewayPorts } from './ports.ts';

/** Does it, and says what everybody sees now. */
const change = async (deps: GatewayPorts, jid: string, what: Partial<OwnProfile>): Promise<string> => {
  const changed = await changeProfile(deps, jid, what);
  if (!changed.ok) return refusalText(changed.refusal);
  const { name, displayName, bio, showsJid } = changed.value;
  return accountText('account.profile', {
    handle: `@${localHandle({ name, jid }, deps)}`,
    name: displayName ?? name,
    bio: bio ?? '–',
    jid: showsJid ? jid : '–',
  });
};

const profile: Command = {
  name: 'profile',
  help: 'profile – what everybody in the Fediverse sees of you',
  isForAdmins: false,
  run: (deps, jid) => change(deps, jid, {}),
};

const naming: Command = {
  name: 'name',
  help: 'name <text> – show this name in the Fediverse',
  isForAdmins: false,
  run: async (deps, jid, rest) => {
    const displayName = parseOwnName(rest);
    return displayName === undefined
      ? accountText('account.which-name')
      : await change(deps, jid, { displayName });
  },
};

const describing: Command = {
  name: 'bio',
  help: 'bio <text> – show these words about you in the Fediverse',
  isForAdmins: false,
  run: async (deps, jid, rest) => {
    const bio = parseOwnBio(rest);
    return bio === undefined ? accountText('account.which-bio') : await change(deps, jid, { bio });
  },
};

const publishing: Command = {
  name: 'publish',
  help: 'publish jid – show your XMPP address in the Fediverse',
  isForAdmins: false,
  run: async (deps, jid, rest) =>
    rest.toLowerCase() === 'jid'
      ? await change(deps, jid, { showsJid: true })
      : accountText('account.which-publish'),
};

const HIDDEN: ReadonlyMap<string, Partial<OwnProfile>> = new Map([
  ['name', { displayName: undefined }],
  ['bio', { bio: undefined }],
  ['jid', { showsJid: false }],
]);

const hiding: Command = {
  name: 'hide',
  help: 'hide name, hide bio, hide jid – show it no longer',
  isForAdmins: false,
  run: async (deps, jid, rest) => {
    const hidden = HIDDEN.get(rest.toLowerCase());
    return hidden === undefined ? accountText('account.which-hide') : await change(deps, jid, hidden);
  },
};

/** What users show of themselves: nothing but a name made from their address, until they say so here. */
export const profileCommands: readonly Command[] = [profile, naming, describing, publishing, hiding];
