import { createHash, type KeyObject, sign } from 'node:crypto';

/** A request as bytes will carry it: nothing is put right, nothing is left out. */
export type HostileRequest = {
  readonly method?: string;
  readonly target?: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body?: string | Uint8Array;
};

export type Signing = {
  readonly keyId: string;
  readonly key: KeyObject;
  readonly host: string;
  readonly body: string | Uint8Array;
  readonly target?: string;
  readonly method?: string;
  readonly date?: string;
  /** The value of the `Digest` header where it is not the right one. */
  readonly digest?: string;
  /** What is signed, in order; pseudo-headers too. */
  readonly names?: readonly string[];
  /** Undefined leaves the parameter out. */
  readonly algorithm?: string | undefined;
  /** Further parameters, written as they are: `created=1`. */
  readonly parameters?: readonly string[];
  /** Values of `(created)` and `(expires)`. */
  readonly pseudo?: Readonly<Record<string, string>>;
  /** Makes the signature in another way than RSA with SHA-256. */
  readonly makeSignature?: (base: string) => string;
};

export const sha256 = (body: string | Uint8Array): string =>
  createHash('sha256').update(body).digest('base64');

/** The headers of a request that is signed after draft-cavage-12, with whatever is wrong in them. */
export const signHeaders = (signing: Signing): readonly (readonly [string, string])[] => {
  const { keyId, key, host, body, target = '/inbox', method = 'post', parameters = [] } = signing;
  const isPost = method === 'post';
  const headers: (readonly [string, string])[] = [
    ['host', host],
    ['date', signing.date ?? new Date().toUTCString()],
    ...(isPost
      ? ([
          ['digest', signing.digest ?? `SHA-256=${sha256(body)}`],
          ['content-type', 'application/activity+json'],
        ] as const)
      : []),
  ];
  const names = signing.names ?? ['(request-target)', ...headers.map(([name]) => name)];
  const valueIn = (name: string): string =>
    name === '(request-target)'
      ? `${method} ${target}`
      : (signing.pseudo?.[name] ?? headers.find(([other]) => other === name)?.[1] ?? '');
  const base = names.map((name) => `${name}: ${valueIn(name)}`).join('\n');
  const made = signing.makeSignature?.(base) ?? sign('sha256', Buffer.from(base), key).toString('base64');
  const algorithm = 'algorithm' in signing ? signing.algorithm : 'rsa-sha256';
  const written = [
    `keyId="${keyId}"`,
    ...(algorithm === undefined ? [] : [`algorithm="${algorithm}"`]),
    `headers="${names.join(' ')}"`,
    ...parameters,
    `signature="${made}"`,
  ];
  return [...headers, ['signature', written.join(',')]];
};

/** The bytes on the wire. A length is told unless the request says something of it itself. */
export const toWire = ({
  method = 'POST',
  target = '/inbox',
  headers,
  body = '',
}: HostileRequest): Buffer => {
  const tells = headers.some(([name]) => /^(?:content-length|transfer-encoding)$/iu.test(name));
  const lines = [
    `${method} ${target} HTTP/1.1`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(tells ? [] : [`content-length: ${Buffer.byteLength(body)}`]),
    'connection: close',
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), Buffer.from(body)]);
};

/** With one header in the place of another of its name, or added. */
export const withHeader = (request: HostileRequest, name: string, value: string): HostileRequest => ({
  ...request,
  headers: [...request.headers.filter(([other]) => other !== name), [name, value]],
});

export const withoutHeader = (request: HostileRequest, name: string): HostileRequest => ({
  ...request,
  headers: request.headers.filter(([other]) => other !== name),
});

/** One header changed by its text. */
export const editHeader = (
  request: HostileRequest,
  name: string,
  edit: (value: string) => string,
): HostileRequest => ({
  ...request,
  headers: request.headers.map(([other, value]) => [other, other === name ? edit(value) : value]),
});
