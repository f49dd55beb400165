import type { KeyObject } from 'node:crypto';
import type { Outcome } from '../bridge/outcome.ts';

/** A request as it came over the wire: what is signed is the raw target and the raw bytes. */
export type RawRequest = {
  readonly method: string;
  /** The request target as sent: path and query, percent-encoding untouched. */
  readonly target: string;
  /** Names in lower case, in order of arrival, repeats kept. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
};

/** Who signed a request: `actor` owns `keyId`, proven by the actor's own document. */
export type Signer = {
  readonly actor: string;
  readonly keyId: string;
  /** Its handle could not be confirmed: it may read what it is addressed by, but nothing can be shown as from it. */
  readonly isUnplaced?: true;
};

/** `problem` is for the log; a stranger sees the status and one neutral sentence. */
export type Authentication =
  | { readonly ok: true; readonly signer: Signer }
  | {
      readonly ok: false;
      readonly status: 401 | 403 | 503;
      readonly problem: string;
      /** The key id whose URL answered 410. */
      readonly gone?: string;
    };

/** The key that signs for one of our actors. */
export type SigningKey = { readonly keyId: string; readonly privateKey: KeyObject };

/** A JSON document that was fetched: `url` is where it finally came from, after redirects. */
export type FetchedJson = { readonly url: string; readonly json: unknown };

export type GetJson = (url: string, accept?: string) => Promise<Outcome<FetchedJson>>;

export type { SendResult } from '../bridge/send-result.ts';
