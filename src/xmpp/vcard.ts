import { xml } from '@xmpp/component';
import { jidToUri } from '../bridge/jid.ts';
import type { Profile } from '../bridge/profile.ts';
import type { Photo } from '../bridge/stanza.ts';
import type { Element } from './element.ts';
import { NS } from './namespaces.ts';

/** A picture as it is shown: a PNG of our own making. `sha1` is in hex, of the bytes. */
export type ShownPicture = { readonly sha1: string; readonly bytes: Buffer };

const optional = (name: string, text: string | undefined): Element | undefined =>
  text === undefined || text === '' ? undefined : xml(name, {}, text);

const TYPE = 'image/png';

/** XEP-0054 3. */
export const renderVcardTemp = (profile: Profile, picture: ShownPicture | undefined): Element =>
  xml(
    'vCard',
    { xmlns: NS.vcardTemp },
    xml('FN', {}, profile.fullName),
    xml('NICKNAME', {}, profile.nickname),
    optional('URL', profile.url),
    optional('DESC', profile.about),
    xml('JABBERID', {}, profile.jid),
    picture && xml('PHOTO', {}, xml('TYPE', {}, TYPE), xml('BINVAL', {}, picture.bytes.toString('base64'))),
  );

const text = (name: string, value: string): Element => xml(name, {}, xml('text', {}, value));
const uri = (name: string, value: string): Element => xml(name, {}, xml('uri', {}, value));

/** XEP-0292 3, RFC 6351. */
export const renderVcard4 = (profile: Profile, picture: ShownPicture | undefined): Element =>
  xml(
    'vcard',
    { xmlns: NS.vcard4 },
    text('fn', profile.fullName),
    text('nickname', profile.nickname),
    profile.url === undefined ? undefined : uri('url', profile.url),
    profile.about === '' ? undefined : text('note', profile.about),
    uri('impp', jidToUri(profile.jid)),
    picture && uri('photo', `data:${TYPE};base64,${picture.bytes.toString('base64')}`),
  );

/** XEP-0084 4.2. */
export const renderAvatarMetadata = ({ sha1, size }: Photo): Element =>
  xml('metadata', { xmlns: NS.avatarMetadata }, xml('info', { id: sha1, type: TYPE, bytes: String(size) }));

/** XEP-0084 4.1. */
export const renderAvatarData = ({ bytes }: ShownPicture): Element =>
  xml('data', { xmlns: NS.avatarData }, bytes.toString('base64'));

/** XEP-0172 3. */
export const renderNick = ({ fullName }: Profile): Element => xml('nick', { xmlns: NS.nick }, fullName);
