import { parseJid } from '../bridge/jid.ts';
import { attrOf, type Element } from './element.ts';

/** Between whom a stanza goes, in canonical form, and its id. */
export type Route = {
  readonly from: string;
  readonly fromBare: string;
  readonly to: string;
  readonly toBare: string;
  readonly id: string | undefined;
};

const MAX_JID = 3071;

/** Undefined where `from` or `to` is absent or is no JID: such a stanza cannot be answered (XEP-0114 3). */
export const parseRoute = (element: Element): Route | undefined => {
  const from = parseJid(attrOf(element, 'from', MAX_JID) ?? '');
  const to = parseJid(attrOf(element, 'to', MAX_JID) ?? '');
  if (from === undefined || to === undefined) return undefined;
  return { from: from.full, fromBare: from.bare, to: to.full, toBare: to.bare, id: attrOf(element, 'id') };
};
