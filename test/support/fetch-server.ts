import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** What came over the wire, for tests that look at requests themselves. */
export type WireRequest = {
  readonly method: string;
  readonly path: string;
  /** Names and values in turn, spelled and ordered as they were sent. */
  readonly rawHeaders: readonly string[];
  readonly body: string;
  /** The status that it was answered with. */
  readonly status: number;
};

export type FetchServer = { readonly port: number; stop(): Promise<void> };

/**
 * Serves a function of the Fetch API on loopback. `origin` is the one that the request is shown with, because TLS
 * ended before it came here. `observe` is called once a request has been answered.
 */
export async function startFetchServer(
  answer: (request: Request) => Promise<Response>,
  origin: string,
  observe: (request: WireRequest) => void,
): Promise<FetchServer> {
  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch((error: unknown) => {
      outgoing.writeHead(500, { 'content-type': 'text/plain' }).end(String(error));
    });
  });
  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const body = await readBody(incoming);
    const { method = 'GET', url: path = '/', rawHeaders } = incoming;
    const response = await answer(toRequest(method, new URL(path, origin), rawHeaders, body));
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.end(Buffer.from(await response.arrayBuffer()));
    observe({ method, path, rawHeaders, body: body.toString('utf8'), status: response.status });
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readBody(incoming: IncomingMessage): Promise<Buffer<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

function toRequest(
  method: string,
  url: URL,
  rawHeaders: readonly string[],
  body: Buffer<ArrayBuffer>,
): Request {
  const headers = new Headers();
  for (let i = 0; i + 1 < rawHeaders.length; i += 2)
    headers.append(rawHeaders[i] ?? '', rawHeaders[i + 1] ?? '');
  const hasBody = method !== 'GET' && method !== 'HEAD';
  return new Request(url, { method, headers, ...(hasBody ? { body } : {}) });
}
