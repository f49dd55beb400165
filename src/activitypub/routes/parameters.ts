import express, { type Request, type Router } from 'express';

/** What ids and names of ours look like (`bridge/urls.ts`; names in any case, as people type them). */
const SHAPES = { id: /^[a-z0-9]{1,40}$/u, name: /^[A-Za-z0-9_]{1,30}$/u } as const;

/**
 * A router whose `:id` and `:name` match only what can be one: anything else is no address of ours, and no
 * character that the database would stumble over (NUL) gets as far as a query.
 */
export const createRouter = (): Router => {
  const router = express.Router({ caseSensitive: true, strict: true });
  for (const name of ['id', 'name'] as const) {
    router.param(name, (_request, _response, next, value: unknown) => {
      if (typeof value === 'string' && SHAPES[name].test(value)) next();
      else next('route');
    });
  }
  return router;
};

/** A route parameter that has passed the router's shape. */
export const parameterOf = (request: Request, name: keyof typeof SHAPES): string => {
  const value = request.params[name];
  return typeof value === 'string' ? value : '';
};
