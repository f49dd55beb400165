import { subscribe, unsubscribe } from 'node:diagnostics_channel';

/** How a POST was signed, and the status that it was answered with. */
export type Knock = { readonly scheme: 'draft-cavage' | 'rfc9421'; readonly status: number };

export type Knocks = { readonly seen: readonly Knock[]; stop(): void };

/** What undici publishes once the head of an answer is there; it gives the headers as one text or as a list. */
type Answered = {
  readonly request: {
    readonly method: string;
    readonly origin: unknown;
    readonly headers: string | readonly string[];
  };
  readonly response: { readonly statusCode: number };
};

const ANSWERED = 'undici:request:headers';

/** Listens to the POSTs that programs in this process, such as the Fedify peer, send to an origin. */
export const listenForKnocks = (origin: string): Knocks => {
  const seen: Knock[] = [];
  const hear = (message: unknown): void => {
    const { request, response } = message as Answered;
    if (request.method !== 'POST' || String(request.origin) !== origin) return;
    const isMessageSignature = /signature-input/iu.test(String(request.headers));
    seen.push({ scheme: isMessageSignature ? 'rfc9421' : 'draft-cavage', status: response.statusCode });
  };
  subscribe(ANSWERED, hear);
  return { seen, stop: () => void unsubscribe(ANSWERED, hear) };
};
