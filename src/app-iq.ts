import { type FindTarget, parseFindTarget } from './bridge/find-target.ts';
import { done, type Outcome, refuse } from './bridge/outcome.ts';
import { actorToProfile, type Profile } from './bridge/profile.ts';
import { helpText } from './bridge/sentences.ts';
import { accountsOf } from './gateway/accounts.ts';
import { type Found, findContact } from './gateway/find-contact.ts';
import { createPlaces, type Places } from './gateway/places.ts';
import type { GatewayPorts } from './gateway/ports.ts';
import type { EntityCaps } from './xmpp/caps.ts';
import { discoHandlers } from './xmpp/disco.ts';
import type { GatewayFacts } from './xmpp/features.ts';
import { findHandlers } from './xmpp/find.ts';
import type { IqHandler } from './xmpp/iq.ts';
import { profileHandlers } from './xmpp/profile.ts';
import { questionHandlers } from './xmpp/questions.ts';
import { registerHandlers } from './xmpp/register.ts';

/** Questions that wait for another server: fewer than the stream reads at once, so that it never stands still. */
const WAITING = { perSender: 30, total: 120 };
/** After so long a card goes without its picture, which comes later by the presence that names it. */
const PICTURE_PATIENCE_MS = 1_500;

export type IqParts = {
  readonly ports: GatewayPorts;
  readonly version: string;
  readonly facts: GatewayFacts;
  readonly caps: EntityCaps;
};

/** All questions that the gateway and its contacts answer. */
export const createIqHandlers = ({ ports, version, facts, caps }: IqParts): readonly IqHandler[] => {
  const { domain, toError, now } = ports;
  const places = createPlaces(WAITING);
  const find = (asker: string, target: FindTarget): Promise<Outcome<Found>> =>
    findContact({ ...ports, ...boundedLookUp(ports, places, asker) }, asker, target);
  return [
    ...discoHandlers({
      domain,
      version,
      facts,
      caps,
      toError,
      findPerson: (asker, handle) => find(asker, { kind: 'handle', handle }),
    }),
    ...findHandlers({
      domain,
      toError,
      findTyped: async (asker, text) => {
        const target = parseFindTarget(text, domain);
        return target === undefined ? undefined : await find(asker, target);
      },
    }),
    ...profileHandlers({
      domain,
      toError,
      gatewayProfile: gatewayProfileOf(ports, facts),
      findProfile: async (asker, handle) => {
        const found = await find(asker, { kind: 'handle', handle });
        if (!found.ok) return found;
        const { actor, jid } = found.value;
        const picture = () => ports.pictures.get(actor, PICTURE_PATIENCE_MS);
        return done({ profile: actorToProfile(actor, jid), picture });
      },
    }),
    ...registerHandlers({ domain, toError, ...accountsOf(ports) }),
    ...questionHandlers({ domain, now, startedAt: now() }),
  ];
};

const gatewayProfileOf = ({ domain, urls }: GatewayPorts, { name }: GatewayFacts): Profile => ({
  fullName: name,
  nickname: name,
  handle: domain,
  about: helpText({ domain }),
  url: `${urls.origin}/`,
  jid: domain,
});

/** Look-ups that take a place of the asker's while they last; where none is free nobody is asked. */
const boundedLookUp = (
  { resolveHandle, fetchActor }: Pick<GatewayPorts, 'resolveHandle' | 'fetchActor'>,
  places: Places,
  asker: string,
): Pick<GatewayPorts, 'resolveHandle' | 'fetchActor'> => {
  const within = async <T>(lookUp: () => Promise<Outcome<T>>): Promise<Outcome<T>> => {
    if (!places.enter(asker)) return refuse('over-limit');
    try {
      return await lookUp();
    } finally {
      places.leave(asker);
    }
  };
  return {
    resolveHandle: (handle) => within(() => resolveHandle(handle)),
    fetchActor: (uri) => within(() => fetchActor(uri)),
  };
};
