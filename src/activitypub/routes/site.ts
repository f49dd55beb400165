import type { Router } from 'express';
import { wantsActivity } from '../negotiate.ts';
import { sendPage } from './answer.ts';
import { createRouter } from './parameters.ts';
import type { ServerPorts, ServerSettings } from './ports.ts';
import { readOnly } from './read-only.ts';

/** The front page, what search engines may read, and the two questions of whoever watches the process. */
export const siteRoutes = (
  ports: Pick<ServerPorts, 'pages' | 'readiness'>,
  { urls }: Pick<ServerSettings, 'urls'>,
): Router => {
  const router = createRouter();
  const { pages } = ports;
  readOnly(router.route('/'), (request, response) => {
    response.vary('Accept');
    if (wantsActivity(request.headers.accept)) return response.redirect(303, urls.instanceActor);
    sendPage(response, { html: pages.landing(), policy: pages.contentSecurityPolicy });
  });
  readOnly(router.route('/robots.txt'), (_request, response) => {
    // The front page may be found; who is here is nobody's index.
    response.type('text/plain').send('User-agent: *\nAllow: /$\nDisallow: /\n');
  });
  readOnly(router.route('/livez'), (_request, response) => {
    response.set('Cache-Control', 'no-store').type('text/plain').send('alive\n');
  });
  readOnly(router.route('/readyz'), async (_request, response) => {
    const { ready, reasons, standby = false } = await ports.readiness();
    response
      .status(ready ? 200 : 503)
      .set('Cache-Control', 'no-store')
      .json({ ready, ...(standby ? { standby } : {}), reasons });
  });
  return router;
};
