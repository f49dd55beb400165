import { parseJid } from '../bridge/jid.ts';
import type { OutgoingStanza } from '../bridge/stanza.ts';
import type { EntityCaps } from './caps.ts';
import { elementToXml } from './element.ts';
import { renderStanza } from './render.ts';

export type Outbound =
  | { readonly ok: true; readonly xml: string }
  | { readonly ok: false; readonly reason: 'too-large' | 'invalid' };

export type OutboundRules = {
  readonly domain: string;
  readonly maxBytes: number;
  readonly now: Date;
  readonly caps?: EntityCaps | undefined;
};

/**
 * A stanza as it goes over the wire, or why it never will. The server closes the whole stream for a `from`
 * outside the component's domain
 * (XEP-0114 3), so that is found here.
 */
export const renderOutbound = (
  stanza: OutgoingStanza,
  { domain, maxBytes, now, caps }: OutboundRules,
): Outbound => {
  if (parseJid(stanza.from)?.domain !== domain || parseJid(stanza.to) === undefined)
    return { ok: false, reason: 'invalid' };
  const xml = elementToXml(renderStanza(stanza, { now, caps }));
  return Buffer.byteLength(xml) > maxBytes ? { ok: false, reason: 'too-large' } : { ok: true, xml };
};
