import { StartRefusal } from './store/start-refusal.ts';

/** Named steps on the way of a message at which a test may make this process fail. */
export const STEPS = [
  /** A chat message was parsed; nothing is written yet. */
  'x2a.recv',
  /** It waits in the database; nothing of it is carried yet. */
  'x2a.kept',
  /** Everything of it is written, inside the transaction. */
  'x2a.tx',
  /** The transaction is committed. */
  'x2a.committed',
  /** A delivery was claimed; nothing is sent yet. */
  'out.claimed',
  /** The peer has answered; nothing is settled yet. */
  'out.posted',
  /** An activity is proven and parsed; nothing is written yet. */
  'in.verified',
  /** It is committed; 202 is not answered yet. */
  'in.committed',
  /** It was claimed; nothing of it is carried yet. */
  'in.claimed',
  /** It is carried; its row is not finished yet. */
  'in.carried',
  /** Stanzas were claimed; nothing is written yet. */
  'xmpp.claimed',
  /** The server has taken stanzas; their rows are not gone yet. */
  'xmpp.written',
] as const;

export type Step = (typeof STEPS)[number];

/** Called at each step. In production it does nothing. */
export type Reach = (step: Step) => Promise<void>;

type Action = 'kill' | 'throw' | 'hang';
type Failpoint = { readonly step: Step; readonly action: Action; readonly nth: number };

const pass: Reach = () => Promise.resolve();

const parseFailpoint = (text: string): Failpoint => {
  const [name = '', action = '', count = '1', ...more] = text.split(':');
  const step = STEPS.find((known) => known === name);
  const nth = Number(count);
  const isAction = action === 'kill' || action === 'throw' || action === 'hang';
  if (step === undefined || !isAction || more.length > 0 || !Number.isInteger(nth) || nth < 1)
    throw new StartRefusal(
      `CAUSEWAY_FAILPOINT: write step:kill|throw|hang[:nth], with a step of ${STEPS.join(', ')}.`,
    );
  return { step, action, nth };
};

/**
 * Makes the function that fails where a test asked for it: `step:action[:nth]`, several with commas. `kill`
 * ends the process as `kill -9` does, `throw` throws, `hang` never returns; each at the nth time only.
 * @param kill ends this process at once
 */
export const createFailpoints = (setting: string | undefined, kill: () => void): Reach => {
  if (setting === undefined || setting === '') return pass;
  const failpoints = setting.split(',').map(parseFailpoint);
  const counts = new Map<Step, number>();
  return async (step) => {
    const count = (counts.get(step) ?? 0) + 1;
    counts.set(step, count);
    const hit = failpoints.find((failpoint) => failpoint.step === step && failpoint.nth === count);
    switch (hit?.action) {
      case 'kill':
        kill();
        return await new Promise(() => {});
      case 'throw':
        throw new Error(`failpoint ${step}`);
      case 'hang':
        return await new Promise(() => {});
      case undefined:
        return;
    }
  };
};
