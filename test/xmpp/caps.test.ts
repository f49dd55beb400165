import { expect, test } from 'vitest';
import { type CapsInput, capsHash, entityCaps } from '../../src/xmpp/caps.ts';
import { contactInfo } from '../../src/xmpp/features.ts';

const features = [
  'http://jabber.org/protocol/caps',
  'http://jabber.org/protocol/disco#info',
  'http://jabber.org/protocol/disco#items',
  'http://jabber.org/protocol/muc',
];

/** XEP-0115 5.2. */
const SIMPLE: CapsInput = {
  identities: [{ category: 'client', type: 'pc', name: 'Exodus 0.9.1' }],
  features: features.toReversed(),
};

/** XEP-0115 5.3. */
const COMPLEX: CapsInput = {
  identities: [
    { category: 'client', type: 'pc', lang: 'en', name: 'Psi 0.11' },
    { category: 'client', type: 'pc', lang: 'el', name: 'Ψ 0.11' },
  ],
  features,
  forms: [
    {
      formType: 'urn:xmpp:dataforms:softwareinfo',
      fields: [
        { name: 'software', values: ['Psi'] },
        { name: 'ip_version', values: ['ipv6', 'ipv4'] },
        { name: 'os', values: ['Mac'] },
        { name: 'os_version', values: ['10.5.1'] },
        { name: 'software_version', values: ['0.11'] },
      ],
    },
  ],
};

test.each([
  ['simple', SIMPLE, 'QgayPKawpkPSDYmwT/WM94uAlu0='],
  ['complex', COMPLEX, 'q07IKJEyjvHSyhy//CH0CxmKi8w='],
])('the %s example of XEP-0115', (_name, input, ver) => {
  expect(capsHash(input)).toBe(ver);
});

test('order is by octets and makes no difference to the hash', () => {
  const input = { identities: COMPLEX.identities.toReversed(), features: ['Z', 'a', '\u{1f600}', '\uffe0'] };
  expect(capsHash(input)).toBe(capsHash({ ...input, features: input.features.toReversed() }));
});

test('the gateway and its contacts have different ones, of what disco answers', () => {
  const { gateway, contact } = entityCaps({ node: 'https://ap.test/', name: 'Fediverse' });
  expect(contact).toEqual({ node: 'https://ap.test/', ver: capsHash(contactInfo) });
  expect(gateway.ver).not.toBe(contact.ver);
  expect(entityCaps({ node: 'https://ap.test/', name: 'other' }).gateway.ver).not.toBe(gateway.ver);
});
