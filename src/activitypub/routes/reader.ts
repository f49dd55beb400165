import type { Request, Response } from 'express';
import { hostOf } from '../json-fields.ts';
import { claimsSignature, toRawRequest } from '../raw-request.ts';
import { RETRY_AFTER } from '../retry-after.ts';
import type { RawRequest } from '../types.ts';
import { sendSentence } from './answer.ts';
import type { ServerPorts } from './ports.ts';

type ReaderPorts = Pick<ServerPorts, 'authenticate' | 'isHostBlocked'>;

/** `actor` is who signed; undefined where nobody did, or nobody whom one may believe. */
export type Reader = { readonly actor: string | undefined };

const NO_BODY = new Uint8Array();

/** What is answered depends on who asks, so nothing between may keep it. */
const setPrivate = (response: Response): void => {
  response.vary('Accept').vary('Signature').set('Cache-Control', 'private, no-store');
};

const refuseRead = (response: Response, status: 401 | 403 | 503): undefined => {
  switch (status) {
    case 401:
      response.set('WWW-Authenticate', 'Signature');
      sendSentence(response, status, 'A valid HTTP signature is needed.');
      return undefined;
    case 403:
      sendSentence(response, status, 'This server is not welcome here.');
      return undefined;
    case 503:
      response.set('Retry-After', String(RETRY_AFTER.key));
      sendSentence(response, status, 'The key cannot be checked at the moment.');
      return undefined;
  }
};

const rawOf = (request: Request): RawRequest =>
  toRawRequest(request, { target: request.originalUrl, body: NO_BODY });

/** Who reads something private. Undefined once it was answered: the key cannot be had for now. */
export const identifyReader = async (
  ports: ReaderPorts,
  request: Request,
  response: Response,
): Promise<Reader | undefined> => {
  setPrivate(response);
  const raw = rawOf(request);
  if (!claimsSignature(raw)) return { actor: undefined };
  const read = await ports.authenticate(raw);
  if (read.ok) return { actor: read.signer.actor };
  return read.status === 503 ? refuseRead(response, 503) : { actor: undefined };
};

/**
 * Who reads, where everything must be asked for with a signature (`signed_fetch_required`). Undefined once a stranger
 * or a blocked host was answered, before anything is looked for: what is there and what is not look alike.
 */
export const admitReader = async (
  ports: ReaderPorts,
  request: Request,
  response: Response,
): Promise<Reader | undefined> => {
  setPrivate(response);
  const read = await ports.authenticate(rawOf(request));
  if (!read.ok) return refuseRead(response, read.status);
  const host = hostOf(read.signer.actor);
  if (host === undefined || (await ports.isHostBlocked(host))) return refuseRead(response, 403);
  return { actor: read.signer.actor };
};
