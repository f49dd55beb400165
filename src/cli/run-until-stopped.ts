import { EXIT } from '../exit-codes.ts';
import { type Log, toError } from '../log.ts';
import type { Gateway } from './commands.ts';
import { createEchoFilter } from './signal-echo.ts';

export type StopSignal = 'SIGTERM' | 'SIGINT';

/** What this file needs of `process`. */
export type ProcessEvents = {
  on(event: StopSignal | 'uncaughtException', listener: (cause: unknown) => void): unknown;
  off(event: StopSignal | 'uncaughtException', listener: (cause: unknown) => void): unknown;
};

export type RunDeps = {
  readonly events: ProcessEvents;
  readonly log: Log;
  readonly start: () => Promise<Gateway>;
  /** How long an orderly stop may take, in milliseconds. */
  readonly stopLimitMs: number;
  /** Milliseconds. */
  readonly now: () => number;
};

/** Shells report 128 and the number of the signal. */
const LEFT_AT_ONCE = { SIGINT: 130, SIGTERM: 143 } as const;

/** Logs why the gateway did not start. A refusal is meant for the admin: it needs no stack. */
function reportFailedStart(log: Log, cause: unknown): number {
  const error = toError(cause);
  if (error.name === 'StartRefusal') {
    log.error('start-refused', { reason: error.message });
    return EXIT.config;
  }
  log.error('start-failed', { error });
  return EXIT.software;
}

async function stopGateway(started: Promise<Gateway>, log: Log): Promise<number> {
  const gateway = await started.catch(() => undefined); // a failed start is reported by itself
  try {
    await gateway?.stop();
    log.info('stopped');
    return EXIT.ok;
  } catch (cause) {
    log.error('stop-failed', { error: toError(cause) });
    return EXIT.software;
  }
}

/**
 * Runs the gateway until a signal asks it to stop. The first SIGTERM or SIGINT stops it in order (also while it
 * is starting), within `stopLimitMs`; a second one leaves at once (not its echo by npm); an uncaught error is logged and ends the
 * process, because nobody knows what it left half done: what was accepted lies in the database.
 * @returns the exit code with which the caller leaves the process at once
 */
export function runUntilStopped({ events, log, start, stopLimitMs, now }: RunDeps): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const started = start();
  started.catch((cause: unknown) => resolve(reportFailedStart(log, cause)));

  let limit: NodeJS.Timeout | undefined;
  const isEcho = createEchoFilter(now);
  const onSignal = (signal: StopSignal) => (): void => {
    if (isEcho(signal)) return;
    if (limit === undefined) {
      log.info('stopping', { signal });
      limit = setTimeout(() => {
        log.error('stop-took-too-long', { milliseconds: stopLimitMs });
        resolve(EXIT.tempfail);
      }, stopLimitMs);
      void stopGateway(started, log).then(resolve);
    } else {
      resolve(LEFT_AT_ONCE[signal]);
    }
  };
  const listeners = [
    ['SIGTERM', onSignal('SIGTERM')],
    ['SIGINT', onSignal('SIGINT')],
    [
      'uncaughtException',
      (cause: unknown): void => {
        log.error('uncaught-error', { error: toError(cause) });
        resolve(EXIT.software);
      },
    ],
  ] as const;
  for (const [event, listener] of listeners) events.on(event, listener);

  return promise.finally(() => {
    clearTimeout(limit);
    for (const [event, listener] of listeners) events.off(event, listener);
  });
}
