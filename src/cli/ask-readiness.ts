import { request } from 'node:http';
import type { ListenAddress } from '../config-values.ts';

const TIMEOUT_MS = 3_000;

export type AskedReadiness = {
  readonly running: boolean;
  readonly ready: boolean;
  readonly reasons: readonly string[];
  /** A sentence for the admin. */
  readonly text: string;
};

/** Asks the gateway of this configuration, over its own listener, whether it is ready. Never rejects. */
export const askReadiness = async (listen: ListenAddress | undefined): Promise<AskedReadiness> => {
  const answer = listen === undefined ? undefined : await get(listen, '/readyz').catch(() => undefined);
  if (answer === undefined)
    return { running: false, ready: false, reasons: [], text: 'is not running here.' };
  const reasons = readReasons(answer.body);
  const ready = answer.status === 200;
  const text = ready ? 'runs and is ready.' : `runs and is not ready: ${reasons.join(' ')}`;
  return { running: true, ready, reasons, text };
};

const get = (listen: ListenAddress, path: string): Promise<{ status: number; body: string }> =>
  new Promise((resolve, reject) => {
    const address =
      listen.kind === 'unix' ? { socketPath: listen.path } : { host: listen.host, port: listen.port };
    const asking = request({ ...address, path, timeout: TIMEOUT_MS }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
      );
    });
    asking.on('timeout', () => asking.destroy(new Error('no answer')));
    asking.on('error', reject);
    asking.end();
  });

const readReasons = (body: string): readonly string[] => {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed !== 'object' || parsed === null || !('reasons' in parsed)) return [];
    return Array.isArray(parsed.reasons) ? parsed.reasons.map(String) : [];
  } catch {
    return [];
  }
};
