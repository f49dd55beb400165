import type { Refusal } from '../bridge/outcome.ts';
import type { SendResult } from '../bridge/send-result.ts';
import type { Db } from '../store/database.ts';
import { type ClaimedDelivery, postponeDelivery } from '../store/deliveries.ts';
import { judge, type Verdict } from './schedule.ts';

export type DeliverPorts = {
  readonly db: Db;
  /** Signs with the sender's key and posts the stored bytes. */
  readonly send: (delivery: ClaimedDelivery) => Promise<SendResult>;
  readonly settleDelivered: (delivery: ClaimedDelivery) => Promise<void>;
  readonly settleRefused: (
    delivery: ClaimedDelivery,
    refusal: Refusal,
    trouble: { readonly status: number | undefined; readonly error: string },
  ) => Promise<void>;
  /** Does nothing but where a test makes this process fail at the step. */
  readonly reach: (step: 'out.claimed' | 'out.posted') => Promise<void>;
  /** Told how each try ended; `expired` is the last of many that had no answer. */
  readonly count: (result: 'ok' | 'retry' | 'permanent' | 'expired') => void;
  readonly now: () => Date;
  /** 0 … 1 */
  readonly random: () => number;
  readonly log: {
    readonly info: (event: string, fields: Readonly<Record<string, string | number | undefined>>) => void;
  };
};

/** One try of one claimed delivery: send, then complete, postpone or give up. */
export const deliver = async (ports: DeliverPorts, delivery: ClaimedDelivery): Promise<void> => {
  await ports.reach('out.claimed');
  const result = await ports.send(delivery);
  await ports.reach('out.posted');
  const verdict = judge(result, delivery.attempts, delivery.host, ports.random());
  ports.count(resultOf(verdict));
  const status = result.kind === 'answered' ? result.status : undefined;
  const error = result.kind === 'answered' ? `HTTP ${result.status}` : `${result.cause}: ${result.problem}`;
  ports.log.info('delivery', {
    id: delivery.id,
    host: delivery.host,
    attempt: delivery.attempts,
    status,
    verdict: verdict.kind,
    ...(verdict.kind === 'done' ? {} : { error }),
  });
  switch (verdict.kind) {
    case 'done':
      return await ports.settleDelivered(delivery);
    case 'give-up':
      return await ports.settleRefused(delivery, verdict.refusal, { status, error });
    case 'retry':
      return await postponeDelivery(ports.db, delivery.id, {
        dueAt: new Date(ports.now().getTime() + verdict.inMs),
        status,
        error,
      });
  }
};

const resultOf = (verdict: Verdict): 'ok' | 'retry' | 'permanent' | 'expired' => {
  switch (verdict.kind) {
    case 'done':
      return 'ok';
    case 'retry':
      return 'retry';
    case 'give-up':
      return verdict.refusal.reason === 'host-unreachable' ? 'expired' : 'permanent';
  }
};
