import type { Request, Response, Router } from 'express';
import { withoutProfile } from '../../bridge/own-profile.ts';
import type { JsonObject } from '../json.ts';
import { wantsActivity } from '../negotiate.ts';
import {
  renderEmptyCollection,
  renderEmptyPage,
  renderHiddenCollection,
  renderTombstone,
} from '../render.ts';
import { renderActor, renderInstanceActor } from '../render-actor.ts';
import { ACTOR_CACHE, sendActivity, sendPage, sendSentence } from './answer.ts';
import { createRouter, parameterOf } from './parameters.ts';
import type { FoundUser, ServerPorts, ServerSettings } from './ports.ts';
import { readOnly } from './read-only.ts';
import { admitReader } from './reader.ts';

type ActorPorts = Pick<ServerPorts, 'findUser' | 'instancePem' | 'authenticate' | 'isHostBlocked' | 'pages'>;
type ActiveUser = Extract<FoundUser, { state: 'active' }>;
type Leaving = NonNullable<Extract<FoundUser, { state: 'left' }>['leaving']>;

/**
 * Answers a GET for something that belongs to one of our actors: 404 for who was never here, 410 for who
 * left. Peers fetch actors while they hold our delivery open, so they may keep them for three minutes.
 */
const serveUser = async (
  { ports, settings }: { readonly ports: ActorPorts; readonly settings: ServerSettings },
  request: Request,
  response: Response,
  render: (user: ActiveUser) => JsonObject,
  renderLeaving?: (user: Leaving) => JsonObject,
): Promise<void> => {
  const id = parameterOf(request, 'id');
  response.vary('Accept');
  if (settings.signedFetchRequired) {
    if ((await admitReader(ports, request, response)) === undefined) return;
  }
  const user = await ports.findUser({ kind: 'user-id', id });
  if (user === undefined) return sendSentence(response, 404, 'There is no such account here.');
  if (user.state === 'left') {
    if (user.leaving !== undefined && renderLeaving !== undefined) {
      response.set('Cache-Control', 'no-store');
      return sendActivity(response, renderLeaving(user.leaving));
    }
    return sendActivity(response, renderTombstone(settings.urls.actor(id)), 410);
  }
  if (!settings.signedFetchRequired) response.set('Cache-Control', ACTOR_CACHE);
  sendActivity(response, render(user));
};

const isPage = (request: Request): boolean => /[?&]page=/u.test(request.originalUrl);

/** Actors, their collections, and the page at `/@name`. */
export const actorRoutes = (ports: ActorPorts, settings: ServerSettings): Router => {
  const { urls, domain, jidDomains } = settings;
  const deps = { ports, settings };
  const router = createRouter();

  readOnly(router.route('/actor'), async (request, response) => {
    response.vary('Accept').set('Cache-Control', ACTOR_CACHE);
    const accept = request.headers.accept;
    // Whoever is not plainly a browser gets the document: the whole signing of our GETs hangs on it.
    if (!wantsActivity(accept) && (accept ?? '').includes('text/html')) return response.redirect(303, '/');
    sendActivity(response, renderInstanceActor(urls, { publicPem: await ports.instancePem(), domain }));
  });
  readOnly(router.route('/actor/outbox'), async (request, response) => {
    response.vary('Accept');
    if (settings.signedFetchRequired && (await admitReader(ports, request, response)) === undefined) return;
    const render = isPage(request) ? renderEmptyPage : renderEmptyCollection;
    sendActivity(response, render(`${urls.instanceActor}/outbox`));
  });

  readOnly(router.route('/u/:id'), async (request, response) => {
    if (wantsActivity(request.headers.accept)) {
      const render = ({ actor, publicPem }: Leaving): JsonObject =>
        renderActor(urls, { actor, publicPem, domain, jidDomains });
      return serveUser(deps, request, response, render, render);
    }
    response.vary('Accept');
    const user = await ports.findUser({ kind: 'user-id', id: parameterOf(request, 'id') });
    if (user?.state === 'active') return response.redirect(303, urls.profile(user.actor.name));
    sendNobody(ports, response, user);
  });
  for (const name of ['outbox', 'featured'] as const)
    readOnly(router.route(`/u/:id/${name}`), (request, response) =>
      serveUser(deps, request, response, ({ actor }) => {
        const render = isPage(request) ? renderEmptyPage : renderEmptyCollection;
        return render(urls[name](actor.id));
      }),
    );
  for (const name of ['followers', 'following'] as const)
    readOnly(router.route(`/u/:id/${name}`), (request, response) =>
      serveUser(deps, request, response, ({ actor }) => renderHiddenCollection(urls[name](actor.id))),
    );

  readOnly(router.route('/@:name'), async (request, response) => {
    response.vary('Accept');
    const name = parameterOf(request, 'name').toLowerCase();
    const user = await ports.findUser({ kind: 'name', name, jids: [] });
    if (user?.state !== 'active') return sendNobody(ports, response, user);
    if (wantsActivity(request.headers.accept)) return response.redirect(303, urls.actor(user.actor.id));
    const { pages } = ports;
    const shown = settings.signedFetchRequired ? withoutProfile(user.actor) : user.actor;
    sendPage(response, { html: pages.profile(shown), policy: pages.contentSecurityPolicy });
  });
  return router;
};

/** The page for who is not there any more, or never was. */
const sendNobody = (
  { pages }: Pick<ActorPorts, 'pages'>,
  response: Response,
  user: { readonly state: 'left' } | undefined,
): void => {
  const [status, title, text] =
    user === undefined
      ? ([404, 'Nobody here', 'There is no such account here.'] as const)
      : ([410, 'Gone', 'This account was deleted.'] as const);
  sendPage(response, { html: pages.message(title, text), policy: pages.contentSecurityPolicy, status });
};
