import { xml } from '@xmpp/component';
import { jidToHandle } from '../bridge/address.ts';
import { parseJid } from '../bridge/jid.ts';
import type { Caps, EntityCaps } from './caps.ts';
import { attrOf, type Element } from './element.ts';
import { contactInfo, type DiscoInfo, gatewayInfo } from './features.ts';
import { type IqHandler, type IqReply, type IqRequest, iqError } from './iq.ts';
import { NS } from './namespaces.ts';

export type DiscoDeps = {
  /** The component's own JID. */
  readonly domain: string;
  readonly version: string;
  /** What people read in their client's list of services. */
  readonly name: string;
  readonly caps: EntityCaps;
};

/** The questions that every entity answers: XEP-0030, XEP-0092 and XEP-0199, for the gateway and its contacts. */
export const discoHandlers = (deps: DiscoDeps): readonly IqHandler[] => [
  { type: 'get', name: 'query', namespace: NS.discoInfo, answer: (request) => answerInfo(deps, request) },
  { type: 'get', name: 'query', namespace: NS.discoItems, answer: (request) => answerItems(deps, request) },
  { type: 'get', name: 'ping', namespace: NS.ping, answer: (request) => answerPing(deps, request) },
  { type: 'get', name: 'query', namespace: NS.version, answer: (request) => answerVersion(deps, request) },
];

type Addressee = 'gateway' | 'contact' | 'nobody';

/** A contact is a bare JID: it has no resources, so a full one is nobody (RFC 6121 8.5.1, 8.5.3.2). */
const addresseeOf = ({ domain }: DiscoDeps, request: IqRequest): Addressee => {
  const jid = parseJid(request.to);
  if (jid === undefined || jid.domain !== domain || jid.resource !== '') return 'nobody';
  if (jid.local === '') return 'gateway';
  return jidToHandle(jid.bare, domain).ok ? 'contact' : 'nobody';
};

const nobody = iqError('service-unavailable', 'cancel', 'There is nobody at this address.');
const noNode = iqError('item-not-found', 'cancel', 'There is no such node here.');

const answerInfo = (deps: DiscoDeps, request: IqRequest): IqReply => {
  const addressee = addresseeOf(deps, request);
  if (addressee === 'nobody') return nobody;
  const node = attrOf(request.payload, 'node');
  if (node !== undefined && node !== nodeOf(deps.caps[addressee])) return noNode;
  const info = addressee === 'gateway' ? gatewayInfo(deps.name) : contactInfo;
  return { kind: 'result', payload: renderInfo(info, node) };
};

/** Neither the gateway nor a contact lists anything: who is talked to is nobody else's business. */
const answerItems = (deps: DiscoDeps, request: IqRequest): IqReply => {
  if (addresseeOf(deps, request) === 'nobody') return nobody;
  const node = attrOf(request.payload, 'node');
  return node === undefined ? { kind: 'result', payload: xml('query', { xmlns: NS.discoItems }) } : noNode;
};

const answerPing = (deps: DiscoDeps, request: IqRequest): IqReply =>
  addresseeOf(deps, request) === 'nobody' ? nobody : { kind: 'result' };

/** XEP-0092: name and version; no operating system, which helps nobody but an attacker. */
const answerVersion = (deps: DiscoDeps, request: IqRequest): IqReply => {
  if (addresseeOf(deps, request) !== 'gateway') return nobody;
  const payload = xml(
    'query',
    { xmlns: NS.version },
    xml('name', {}, 'Causeway'),
    xml('version', {}, deps.version),
  );
  return { kind: 'result', payload };
};

/** XEP-0115 6.2: who saw the caps asks for this node, and is answered with what was hashed. */
const nodeOf = ({ node, ver }: Caps): string => `${node}#${ver}`;

const renderInfo = (info: DiscoInfo, node: string | undefined): Element =>
  xml(
    'query',
    { xmlns: NS.discoInfo, node },
    ...info.identities.map(({ category, type, name }) => xml('identity', { category, type, name })),
    ...info.features.map((feature) => xml('feature', { var: feature })),
  );
