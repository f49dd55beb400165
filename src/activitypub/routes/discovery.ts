import type { Router } from 'express';
import type { LocalActor } from '../../bridge/actor.ts';
import { withoutProfile } from '../../bridge/own-profile.ts';
import {
  nodeInfoType,
  renderHostMetaJson,
  renderHostMetaXml,
  renderInstanceWebfinger,
  renderNodeInfo,
  renderNodeInfoLinks,
  renderWebfinger,
} from '../render-discovery.ts';
import { hasScheme, readResource } from '../webfinger-query.ts';
import { ACTOR_CACHE, sendJson, sendSentence } from './answer.ts';
import { createRouter } from './parameters.ts';
import type { FoundUser, ServerPorts, ServerSettings } from './ports.ts';
import { readOnly } from './read-only.ts';

type DiscoveryPorts = Pick<ServerPorts, 'findUser' | 'parseResource' | 'usage'>;

const JRD = 'application/jrd+json; charset=utf-8';

/** The first reading that names somebody here, else the first that names who left. */
const findResource = async (
  ports: DiscoveryPorts,
  readings: readonly string[],
): Promise<FoundUser | { readonly state: 'instance' } | undefined> => {
  let left: FoundUser | undefined;
  for (const reading of readings) {
    const query = ports.parseResource(reading);
    if (query?.kind === 'instance') return { state: 'instance' };
    const user = query === undefined ? undefined : await ports.findUser(query);
    if (user?.state === 'active') return user;
    left ??= user;
  }
  return left;
};

/** WebFinger (RFC 7033), host-meta (RFC 6415) and NodeInfo: how others find out who is here and what this is. */
export const discoveryRoutes = (
  ports: DiscoveryPorts,
  { urls, domain, jidDomains, version, repository, signedFetchRequired }: ServerSettings,
): Router => {
  const router = createRouter();
  // Anybody may ask; the picture is part of the document that is shown to signed requests only.
  const shownOf = signedFetchRequired ? withoutProfile : (actor: LocalActor) => actor;

  readOnly(router.route('/.well-known/webfinger'), async (request, response) => {
    // RFC 7033 5: pages on other origins may ask.
    response.set('Access-Control-Allow-Origin', '*');
    const readings = readResource(request.originalUrl);
    if (!readings.ok) return sendSentence(response, 400, 'Exactly one resource must be given.');
    const found = await findResource(ports, readings.value);
    switch (found?.state) {
      case 'instance':
        response.set('Cache-Control', ACTOR_CACHE);
        return sendJson(response, renderInstanceWebfinger(urls, domain), JRD);
      case 'active':
        response.set('Cache-Control', ACTOR_CACHE);
        return sendJson(response, renderWebfinger(urls, { domain, jidDomains }, shownOf(found.actor)), JRD);
      case 'left':
        return sendSentence(response, 410, 'This account was deleted.');
      case undefined:
        return readings.value.some(hasScheme)
          ? sendSentence(response, 404, 'There is no such account here.')
          : sendSentence(response, 400, 'The resource must be a URI, like acct:name@host.');
    }
  });

  readOnly(router.route('/.well-known/host-meta'), (_request, response) => {
    response
      .set({ 'Content-Type': 'application/xrd+xml; charset=utf-8', 'Access-Control-Allow-Origin': '*' })
      .send(renderHostMetaXml(urls));
  });
  readOnly(router.route('/.well-known/host-meta.json'), (_request, response) => {
    response.set('Access-Control-Allow-Origin', '*');
    sendJson(response, renderHostMetaJson(urls), JRD);
  });

  readOnly(router.route('/.well-known/nodeinfo'), (_request, response) => {
    response.set('Access-Control-Allow-Origin', '*');
    sendJson(response, renderNodeInfoLinks(urls), JRD);
  });
  const software = { version, domain, homepage: `${urls.origin}/`, repository };
  for (const schema of ['2.0', '2.1'] as const) {
    readOnly(router.route(`/nodeinfo/${schema}`), async (_request, response) => {
      response.set('Access-Control-Allow-Origin', '*');
      sendJson(response, renderNodeInfo(schema, software, await ports.usage()), nodeInfoType(schema));
    });
  }
  return router;
};
