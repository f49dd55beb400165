import type { Fault } from './rows.ts';

/** A lease of 30 s has to run out before another process takes what a killed one held. */
const A_LEASE = 40_000;
const A_START = 10_000;

/** The process is killed, at each step of a message's way. */
export const KILLS: readonly Fault[] = [
  {
    row: '1',
    fault: 'kill -9 after a stanza was parsed, before it is written down',
    how: 'failpoint x2a.recv',
    promised: 'no receipt and nothing at the peer; sent again, it arrives once',
    recoverWithinMs: A_START,
  },
  {
    row: '1b',
    fault: 'kill -9 after a stanza was written down, before it is carried',
    how: 'failpoint x2a.kept',
    promised: 'arrives once after the restart, then the receipt',
    recoverWithinMs: A_START,
  },
  {
    row: '2',
    fault: 'kill -9 inside the transaction',
    how: 'failpoint x2a.tx',
    promised: 'rolled back whole; carried again after the restart: arrives once, then the receipt',
    recoverWithinMs: A_START,
  },
  {
    row: '3',
    fault: 'kill -9 after the commit, before anything is sent',
    how: 'failpoint x2a.committed',
    promised: 'arrives once after the restart, then the receipt',
    recoverWithinMs: A_START,
  },
  {
    row: '4',
    fault: 'kill -9 after a delivery was claimed, before its POST',
    how: 'failpoint out.claimed',
    promised: 'claimed again when the lease ends; the peer gets it once',
    recoverWithinMs: A_LEASE,
  },
  {
    row: '5',
    fault: 'kill -9 after the peer answered, before the row is settled',
    how: 'failpoint out.posted',
    promised: 'posted again under the same activity id; one receipt',
    recoverWithinMs: A_LEASE,
  },
  {
    row: '6',
    fault: 'kill -9 after an activity was proven, before the commit',
    how: 'failpoint in.verified',
    promised: 'no 2xx; the peer comes again and it is shown once',
    recoverWithinMs: A_START,
  },
  {
    row: '7',
    fault: 'kill -9 after the commit of an activity, before 202',
    how: 'failpoint in.committed',
    promised: 'shown once, though the peer sends it again',
    recoverWithinMs: A_START,
  },
  {
    row: '7b',
    fault: 'kill -9 after an activity was claimed, before it is carried',
    how: 'failpoint in.claimed',
    promised: 'claimed again when the lease ends; shown once',
    recoverWithinMs: A_LEASE,
  },
  {
    row: '7c',
    fault: 'kill -9 after an activity was carried, before its row is finished',
    how: 'failpoint in.carried',
    promised: 'carried again without effect; shown once',
    recoverWithinMs: A_LEASE,
  },
  {
    row: '8',
    fault: 'kill -9 after the XMPP server took stanzas, before their rows are gone',
    how: 'failpoint xmpp.written',
    promised: 'written again under the same stanza id, so that a client drops the repeat',
    recoverWithinMs: A_LEASE,
  },
  {
    row: '8b',
    fault: 'kill -9 after stanzas were claimed, before they are written',
    how: 'failpoint xmpp.claimed',
    promised: 'claimed again when the lease ends; shown once',
    recoverWithinMs: A_LEASE,
  },
];
