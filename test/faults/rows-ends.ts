import type { Fault } from './rows.ts';

/** The process and the machine under it: signals, limits, backlogs, several of them at once. */
export const ENDS: readonly Fault[] = [
  {
    row: '9',
    fault: 'killed again and again under load',
    how: 'kill -9 every 2 s for 60 s, 10 messages a second each way',
    promised: 'nothing acknowledged is lost, nothing shown twice by id, order holds; it drains',
    recoverWithinMs: 60_000,
  },
  {
    row: '9b',
    fault: 'killed in the middle of a burst',
    how: '200 messages each way at once, one kill -9; what a client heard nothing of it sends again, as people do',
    promised:
      'nothing acknowledged is lost, 0 twice; every sender is told, but for at most 10 whose message was read in the last milliseconds',
    recoverWithinMs: 60_000,
  },
  {
    row: '10',
    fault: 'SIGTERM under load',
    how: '100 messages each way, SIGTERM in the middle, then a start',
    promised: 'ends within 10 s with code 0; nothing is unaccounted for',
    recoverWithinMs: 30_000,
  },
  {
    row: '11',
    fault: 'the process stands still',
    how: 'SIGSTOP for 60 s under load, then SIGCONT',
    promised: 'goes on where it stood; nothing acknowledged is lost',
    recoverWithinMs: 45_000,
  },
  {
    row: '14',
    fault: 'two gateways want one component',
    how: 'a second process on the same database; then kill -9 of the first',
    promised: 'one connects and the other waits; it takes over',
    recoverWithinMs: 15_000,
  },
  {
    row: '23',
    fault: 'the disk of the database is full',
    how: 'the cluster on a tmpfs of 200 MB, filled up for 8 s under load',
    promised: 'no acknowledgement without a commit; resumes when there is room',
    recoverWithinMs: 60_000,
  },
  {
    row: '24',
    fault: 'a forgotten transaction holds back the cleaning of tables',
    how: 'idle in transaction while 1,200 messages go through',
    promised: 'at least half the speed of before',
    recoverWithinMs: 60_000,
  },
  {
    row: '37',
    fault: 'many gateways start at once on an empty database',
    how: '8 processes at the same moment',
    promised: 'migrations run once; each message goes out once, in order',
    recoverWithinMs: 60_000,
  },
  {
    row: '39',
    fault: 'a great backlog at the start',
    how: '1,000,000 deliveries that are not due, written into the database',
    promised: 'a new message goes out within 1 s; the process does not grow',
    recoverWithinMs: 5_000,
  },
  {
    row: '40',
    fault: 'one dead peer with a great backlog beside a living one',
    how: '100,000 due deliveries to a peer that takes connections and says nothing',
    promised: 'a message to the living one goes out within 5 s',
    recoverWithinMs: 60_000,
  },
  {
    row: '41',
    fault: 'little memory and a great backlog',
    how: '--max-old-space-size=96, 20,000 due deliveries',
    promised: 'the process lives, and works the backlog',
    recoverWithinMs: 180_000,
  },
  {
    row: '42',
    fault: 'no file descriptor left',
    how: 'prlimit --nofile=64 and 200 open connections to the inbox',
    promised: 'no crash; serves again when they are gone',
    recoverWithinMs: 20_000,
  },
  {
    row: '43',
    fault: 'a message that breaks what works on it',
    how: 'failpoint out.claimed kills each process that claims it; the lease ends at once',
    promised: 'set aside after some claims, its author told; others flow',
    recoverWithinMs: 20_000,
  },
];
