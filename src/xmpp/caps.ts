import { createHash } from 'node:crypto';
import { contactInfo, type DiscoInfo, type GatewayFacts, gatewayInfo } from './features.ts';

/** XEP-0115 4: what a presence says of the features behind it. `ver` is the hash by SHA-1. */
export type Caps = { readonly node: string; readonly ver: string };

/** What is hashed: all that disco#info answers, languages and extended forms (XEP-0128) included. */
export type CapsInput = {
  readonly identities: readonly {
    readonly category: string;
    readonly type: string;
    readonly lang?: string;
    readonly name?: string;
  }[];
  readonly features: readonly string[];
  readonly forms?: readonly {
    readonly formType: string;
    readonly fields: readonly { readonly name: string; readonly values: readonly string[] }[];
  }[];
};

/** The verification string's hash, by XEP-0115 5.1: every list is sorted by octets, every part ends in `<`. */
export const capsHash = ({ identities, features, forms = [] }: CapsInput): string => {
  const parts = [
    ...inOctetOrder(
      identities.map(({ category, type, lang = '', name = '' }) => `${category}/${type}/${lang}/${name}`),
    ),
    ...inOctetOrder(features),
    ...[...forms]
      .sort((one, other) => compareOctets(one.formType, other.formType))
      .flatMap(({ formType, fields }) => [
        formType,
        ...[...fields]
          .sort((one, other) => compareOctets(one.name, other.name))
          .flatMap(({ name, values }) => [name, ...inOctetOrder(values)]),
      ]),
  ];
  return createHash('sha1')
    .update(parts.map((part) => `${part}<`).join(''))
    .digest('base64');
};

/** RFC 4790 9.3, "i;octet". */
const compareOctets = (one: string, other: string): number =>
  Buffer.compare(Buffer.from(one), Buffer.from(other));

const inOctetOrder = (texts: readonly string[]): readonly string[] => [...texts].sort(compareOctets);

export type EntityCaps = { readonly gateway: Caps; readonly contact: Caps };

/**
 * The caps of the gateway and of every contact, made of the very data that disco#info answers.
 * @param node the address of a page about this gateway
 */
export const entityCaps = ({ node, ...facts }: GatewayFacts & { readonly node: string }): EntityCaps => {
  const capsOf = (info: DiscoInfo): Caps => ({ node, ver: capsHash(info) });
  return { gateway: capsOf(gatewayInfo(facts)), contact: capsOf(contactInfo) };
};
