import { xml } from '@xmpp/component';
import type { Handle } from '../bridge/actor.ts';
import type { Outcome, Refusal } from '../bridge/outcome.ts';
import type { Profile } from '../bridge/profile.ts';
import type { StanzaError } from '../bridge/stanza.ts';
import { addresseeOf } from './addressee.ts';
import { attrOf, childOf, childrenOf, type Element } from './element.ts';
import { type IqHandler, type IqReply, type IqRequest, iqError } from './iq.ts';
import { NS } from './namespaces.ts';
import {
  renderAvatarData,
  renderAvatarMetadata,
  renderNick,
  renderVcard4,
  renderVcardTemp,
  type ShownPicture,
} from './vcard.ts';

/** Somebody's profile; the picture comes by itself, since it may have to be fetched. */
export type ShownProfile = {
  readonly profile: Profile;
  readonly picture: () => Promise<ShownPicture | undefined>;
};

export type ProfileDeps = {
  /** The component's own JID. */
  readonly domain: string;
  readonly gatewayProfile: Profile;
  readonly findProfile: (asker: string, handle: Handle) => Promise<Outcome<ShownProfile>>;
  readonly toError: (refusal: Refusal, lang: string | undefined) => StanzaError;
};

const noItem = iqError('item-not-found', 'cancel', 'There is nothing of this kind here.');
const nobody = iqError('service-unavailable', 'cancel', 'There is nobody at this address.');

/**
 * What clients ask of a contact to show it: vcard-temp (XEP-0054), vCard4 (XEP-0292), and the PEP nodes of vCard4,
 * nick (XEP-0172) and avatar (XEP-0084). Any other node is not there, encryption keys above all, and nobody is looked
 * up for it.
 */
export const profileHandlers = (deps: ProfileDeps): readonly IqHandler[] => [
  {
    type: 'get',
    name: 'vCard',
    namespace: NS.vcardTemp,
    answer: (request) => withCard(deps, request, renderVcardTemp),
  },
  {
    type: 'get',
    name: 'vcard',
    namespace: NS.vcard4,
    answer: (request) => withCard(deps, request, renderVcard4),
  },
  { type: 'get', name: 'pubsub', namespace: NS.pubsub, answer: (request) => answerItems(deps, request) },
];

const withProfile = async (
  { domain, gatewayProfile, findProfile, toError }: ProfileDeps,
  { to, fromBare, lang }: IqRequest,
  answer: (shown: ShownProfile) => IqReply | Promise<IqReply>,
): Promise<IqReply> => {
  const addressee = addresseeOf(domain, to);
  if (addressee.kind === 'nobody') return nobody;
  if (addressee.kind === 'gateway')
    return answer({ profile: gatewayProfile, picture: () => Promise.resolve(undefined) });
  const found = await findProfile(fromBare, addressee.handle);
  return found.ok ? answer(found.value) : { kind: 'error', error: toError(found.refusal, lang) };
};

const withCard = (
  deps: ProfileDeps,
  request: IqRequest,
  render: (profile: Profile, picture: ShownPicture | undefined) => Element,
): Promise<IqReply> =>
  withProfile(deps, request, async ({ profile, picture }) => ({
    kind: 'result',
    payload: render(profile, await picture()),
  }));

type Item = { readonly id: string; readonly content: Element };

/** The one item of each node that there is; undefined where the person has none. */
const NODES: ReadonlyMap<string, (shown: ShownProfile) => Promise<Item | undefined>> = new Map([
  [
    NS.vcard4Node,
    async ({ profile, picture }) => ({ id: 'current', content: renderVcard4(profile, await picture()) }),
  ],
  [NS.nick, async ({ profile }) => ({ id: 'current', content: renderNick(profile) })],
  [
    NS.avatarMetadata,
    async ({ picture }) => {
      const shown = await picture();
      return (
        shown && { id: shown.sha1, content: renderAvatarMetadata({ ...shown, size: shown.bytes.length }) }
      );
    },
  ],
  [
    NS.avatarData,
    async ({ picture }) => {
      const shown = await picture();
      return shown && { id: shown.sha1, content: renderAvatarData(shown) };
    },
  ],
]);

/** XEP-0060 6.5: all items of a node, or those that are named. */
const answerItems = async (deps: ProfileDeps, request: IqRequest): Promise<IqReply> => {
  const items = childOf(request.payload, 'items', NS.pubsub);
  const node = items && attrOf(items, 'node');
  const read = node === undefined ? undefined : NODES.get(node);
  if (items === undefined || read === undefined) return noItem;
  const wanted = childrenOf(items, 'item', NS.pubsub).map((item) => attrOf(item, 'id'));
  return await withProfile(deps, request, async (shown) => {
    const item = await read(shown);
    if (item === undefined || (wanted.length > 0 && !wanted.includes(item.id))) return noItem;
    const found = xml('items', { node }, xml('item', { id: item.id }, item.content));
    return { kind: 'result', payload: xml('pubsub', { xmlns: NS.pubsub }, found) };
  });
};
