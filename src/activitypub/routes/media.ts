import type { Router } from 'express';
import { sendSentence } from './answer.ts';
import { createRouter, parameterOf } from './parameters.ts';
import type { ServerPorts } from './ports.ts';
import { readOnly } from './read-only.ts';

/** What is hidden is forgotten elsewhere within a day. A new picture has a new name. */
const CACHE = 'public, max-age=86400';

/** Pictures that users show of themselves; media proxies of other servers fetch them unsigned. */
export const mediaRoutes = ({ findPicture }: Pick<ServerPorts, 'findPicture'>): Router => {
  const router = createRouter();
  readOnly(router.route('/media/:id.png'), async (request, response) => {
    const bytes = await findPicture(parameterOf(request, 'id'));
    if (bytes === undefined) return sendSentence(response, 404, 'There is nothing here.');
    response.set({ 'Content-Type': 'image/png', 'Cache-Control': CACHE }).send(bytes);
  });
  return router;
};
