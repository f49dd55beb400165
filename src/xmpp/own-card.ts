import { cutBio, type OwnCard, parseOwnName } from '../bridge/own-profile.ts';
import { childOf, childrenOf, type Element, isElement, textOf } from './element.ts';
import { NS } from './namespaces.ts';

/** Of a picture, in bytes. */
const MAX_PHOTO = 4 * 1024 * 1024;
/** Its base64, with a line end after each 72 characters. */
const MAX_BASE64 = Math.ceil(MAX_PHOTO / 3) * 4 * 1.05;
/** What is read of a text; the rest would be cut anyway. */
const MAX_TEXT = 10_000;

/**
 * A card (XEP-0054 3) as it can be shown: only what stands directly where the protocol says, at most once. Undefined
 * where it is no card. A picture by URL (`EXTVAL`) is not fetched.
 */
export const parseOwnCard = (element: Element | undefined): OwnCard | undefined => {
  if (element === undefined || !isElement(element, 'vCard', NS.vcardTemp)) return undefined;
  const read = (name: string): string => {
    const child = childOf(element, name, NS.vcardTemp);
    return child === undefined ? '' : textOf(child).slice(0, MAX_TEXT);
  };
  const photo = childOf(element, 'PHOTO', NS.vcardTemp);
  const bytes = photo && childOf(photo, 'BINVAL', NS.vcardTemp);
  return {
    name: parseOwnName(read('FN')) ?? parseOwnName(read('NICKNAME')),
    bio: cutBio(read('DESC')) ?? cutBio(read('NOTE')),
    photo: bytes && decodePhoto(bytes),
  };
};

/** The bytes of an avatar (XEP-0084 4.1) in the answer to a question for the items of its node (XEP-0060 6.5). */
export const parseAvatarData = (pubsub: Element | undefined): Uint8Array | undefined => {
  const items = pubsub && childOf(pubsub, 'items', NS.pubsub);
  const [item] = items === undefined ? [] : childrenOf(items, 'item', NS.pubsub);
  const data = item && childOf(item, 'data', NS.avatarData);
  return data && decodePhoto(data);
};

/** Base64 after RFC 4648 4, with white space in between; looked at before a byte is decoded. */
const decodePhoto = ({ children }: Element): Uint8Array | undefined => {
  const parts = children.filter((child) => typeof child === 'string');
  if (parts.reduce((length, part) => length + part.length, 0) > MAX_BASE64) return undefined;
  const text = parts.join('').replace(/[ \t\r\n]+/gu, '');
  if (text === '' || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/u.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.length > MAX_PHOTO ? undefined : bytes;
};
