import { xml } from '@xmpp/component';
import { childOf, type Element, elementsOf } from './element.ts';
import { NS } from './namespaces.ts';

/** A question to a user's own account in that user's name (XEP-0356 6.3), as the payload of an iq to the bare JID. */
export const wrapQuestion = (userJid: string, payload: Element): Element =>
  xml(
    'privileged_iq',
    { xmlns: NS.privilege2 },
    xml('iq', { xmlns: NS.client, type: 'get', id: 'wrapped', to: userJid }, payload),
  );

/** The payload of the answer that was sent on; undefined for an error, or where there is none. */
export const unwrapAnswer = (answer: Element | undefined): Element | undefined => {
  const privilege = answer && childOf(answer, 'privilege', NS.privilege2);
  const forwarded = privilege && childOf(privilege, 'forwarded', NS.forward);
  const iq = forwarded && elementsOf(forwarded).find((child) => child.getName() === 'iq');
  return iq?.attrs['type'] === 'result' ? elementsOf(iq)[0] : undefined;
};
