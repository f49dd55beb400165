import { z } from 'zod';
import type { Role } from '../src/config.ts';
import { findFreePort } from '../test/support/free-port.ts';
import { type Part, startPart } from './part.ts';
import { DOMAIN, HOME, SECRET_KEY, XMPP_SECRET } from './people.ts';

export type GatewayOptions = {
  readonly folder: string;
  readonly databaseUrl: string;
  readonly roles: readonly Role[];
  /** On loopback. */
  readonly httpPort: number;
  /** Where components connect; left out where the role `xmpp` is. */
  readonly xmppPort?: number;
};

/** The settings of a gateway on loopback: everything as by default, but no limits per minute and day. */
export const toEnvironment = ({
  folder,
  databaseUrl,
  roles,
  httpPort,
  xmppPort,
}: GatewayOptions): Record<string, string> => ({
  CAUSEWAY_DOMAIN: DOMAIN,
  CAUSEWAY_HOME_DOMAINS: HOME,
  CAUSEWAY_HTTP_LISTEN: `127.0.0.1:${httpPort}`,
  CAUSEWAY_XMPP_SERVER: `127.0.0.1:${xmppPort ?? 9}`,
  CAUSEWAY_XMPP_SECRET: XMPP_SECRET,
  CAUSEWAY_SECRET_KEY: SECRET_KEY,
  CAUSEWAY_DATABASE_URL: databaseUrl,
  CAUSEWAY_DATA_DIR: folder,
  CAUSEWAY_ROLES: roles.join(','),
  CAUSEWAY_DEV_ALLOW_PRIVATE_ADDRESSES: 'true',
  CAUSEWAY_LIMITS_INBOX_PER_MINUTE: '0',
  CAUSEWAY_LIMITS_MESSAGES_PER_MINUTE: '0',
  CAUSEWAY_LIMITS_FIRST_CONTACTS_PER_DAY: '0',
});

export type GatewayPart = Part & { readonly httpPort: number };

/** The gateway in a process of its own, with the roles that are to be measured. */
export const startGatewayPart = async (options: Omit<GatewayOptions, 'httpPort'>): Promise<GatewayPart> => {
  const httpPort = await findFreePort();
  const part = startPart({
    file: 'gateway.ts',
    logFile: `${options.folder}/gateway-${options.roles.join('-')}.log`,
    env: toEnvironment({ ...options, httpPort }),
  });
  await part.ask('start', undefined, z.unknown());
  return { ...part, httpPort };
};
