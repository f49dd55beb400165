import type { LocalActor } from '../bridge/actor.ts';
import { localHandle } from '../bridge/local-handle.ts';
import { MAX_LINKS, parseOwnBio, parseOwnLink, parseOwnName } from '../bridge/own-profile.ts';
import { accountText, refusalText } from '../bridge/sentences.ts';
import { findUserByJid } from '../store/users.ts';
import { changeProfile, type ProfileChange } from './change-profile.ts';
import type { Command } from './commands.ts';
import type { GatewayPorts } from './ports.ts';
import { publishCard, type WhatOfCard } from './publish-card.ts';

/** Does it, and says what everybody sees now. */
const change = async (deps: GatewayPorts, jid: string, what: ProfileChange): Promise<string> => {
  const changed = await changeProfile(deps, jid, what);
  return changed.ok ? tellProfile(deps, changed.value) : refusalText(changed.refusal);
};

const tellProfile = (deps: GatewayPorts, actor: LocalActor): string => {
  const { jid, name, displayName, bio, showsJid, links = [], picture } = actor;
  return accountText('account.profile', {
    handle: `@${localHandle({ name, jid }, deps)}`,
    name: displayName ?? name,
    bio: bio ?? '–',
    jid: showsJid ? jid : '–',
    links: links.length === 0 ? '–' : links.join(', '),
    picture: picture === undefined ? '–' : deps.urls.picture(picture),
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

const linking: Command = {
  name: 'link',
  help: 'link <address> – show a web page, a mail, SIP or telephone address in the Fediverse',
  isForAdmins: false,
  run: async (deps, jid, rest) => {
    const link = parseOwnLink(rest);
    if (link === undefined) return accountText('account.which-link');
    const user = await findUserByJid(deps.db, jid);
    const links = [...new Set([...(user?.links ?? []), link])];
    return links.length > MAX_LINKS
      ? accountText('account.too-many-links', { count: String(MAX_LINKS) })
      : await change(deps, jid, { links });
  },
};

const publishing: Command = {
  name: 'publish',
  help: 'publish jid, publish picture, publish profile – show your XMPP address, the picture of your XMPP profile, or its name, words and picture in the Fediverse',
  isForAdmins: false,
  run: async (deps, jid, rest) => {
    const what = rest.toLowerCase();
    if (what === 'jid') return await change(deps, jid, { showsJid: true });
    return what === 'picture' || what === 'profile'
      ? await publish(deps, jid, what)
      : accountText('account.which-publish');
  },
};

const publish = async (deps: GatewayPorts, jid: string, what: WhatOfCard): Promise<string> => {
  const published = await publishCard(deps, jid, what);
  if (!published.ok) return refusalText(published.refusal);
  const { value } = published;
  if (value.kind !== 'published') return accountText(`account.card-${value.kind}`);
  const told = tellProfile(deps, value.actor);
  return value.isPictureBad ? `${accountText('account.card-bad-picture')}\n${told}` : told;
};

const HIDDEN: ReadonlyMap<string, ProfileChange> = new Map([
  ['name', { displayName: undefined }],
  ['bio', { bio: undefined }],
  ['jid', { showsJid: false }],
  ['links', { links: [] }],
  ['picture', { picture: undefined }],
  ['profile', { displayName: undefined, bio: undefined, picture: undefined }],
]);

const hiding: Command = {
  name: 'hide',
  help: 'hide name, hide bio, hide jid, hide links, hide picture, hide profile – show it no longer',
  isForAdmins: false,
  run: async (deps, jid, rest) => {
    const hidden = HIDDEN.get(rest.toLowerCase());
    return hidden === undefined ? accountText('account.which-hide') : await change(deps, jid, hidden);
  },
};

/** What users show of themselves: nothing but a name made from their address, until they say so here. */
export const profileCommands: readonly Command[] = [profile, naming, describing, linking, publishing, hiding];
