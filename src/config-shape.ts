import type { ListenAddress, LogLevel, Role, ServerAddress } from './config-values.ts';

/** Everything that an admin decides, checked and with its defaults. Secrets lie apart in `secrets`. */
export type Config = {
  /** The component's JID and the host part of handles: lower case, A-labels. */
  readonly domain: string;
  /** An origin without a trailing slash. */
  readonly publicUrl: string;
  readonly http: {
    readonly listen: ListenAddress;
    readonly metricsListen: ListenAddress | undefined;
    /** Addresses, networks, or the word `loopback`. */
    readonly trustedProxies: readonly string[];
  };
  readonly handleIsJid: boolean;
  readonly followOnSubscribe: boolean;
  readonly signedFetchRequired: boolean;
  /** 0 is no limit. */
  readonly limits: {
    readonly messagesPerMinute: number;
    readonly firstContactsPerDay: number;
    readonly inboxPerMinute: number;
  };
  readonly contact: string | undefined;
  /** BCP 47. */
  readonly language: string;
  readonly xmpp: { readonly server: ServerAddress };
  readonly homeDomains: readonly string[];
  /** Bare JIDs, lower case. */
  readonly admins: readonly string[];
  readonly registration: 'open' | 'request' | 'closed';
  /** An absolute path. */
  readonly dataDir: string;
  readonly roles: readonly Role[];
  readonly logLevel: LogLevel;
  readonly retention: { readonly bodiesSeconds: number; readonly idsSeconds: number };
  readonly dev: {
    readonly allowPrivateAddresses: boolean;
    /** Where a test makes this process fail. */
    readonly failpoint: string | undefined;
  };
  readonly secrets: Secrets;
};

export type Secrets = {
  readonly xmppSecret: string;
  /** Holds a password as a rule. Undefined: the embedded database in `dataDir`. */
  readonly databaseUrl: string | undefined;
  /** 32 bytes as hexadecimal digits or base64. Undefined: the key file in `dataDir`. */
  readonly secretKey: string | undefined;
};

/** The configuration as it may be shown: whether each secret is set, never what it is. */
export function redactConfig(config: Config) {
  const { secrets, ...open } = config;
  const shown = (secret: string | undefined): string => (secret === undefined ? 'not set' : 'set');
  return {
    ...open,
    secrets: {
      xmppSecret: shown(secrets.xmppSecret),
      databaseUrl: shown(secrets.databaseUrl),
      secretKey: shown(secrets.secretKey),
    },
  };
}
