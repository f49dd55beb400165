import type { Fault } from './rows.ts';

/** Other servers that fail, stall, lie or repeat themselves. */
export const PEERS: readonly Fault[] = [
  {
    row: '25',
    fault: 'a peer answers 500 for ever',
    how: 'scripted peer; the pauses after the second try are cut short in the database',
    promised: '17 tries of the same activity with growing pauses, then one error to the sender',
    recoverWithinMs: 60_000,
  },
  {
    row: '26',
    fault: '503 or 429 with Retry-After',
    how: 'scripted peer: seconds, a date that is past, a date years away',
    promised: 'honoured, between 1 s and 6 h; then delivered',
    recoverWithinMs: 10_000,
  },
  {
    row: '27',
    fault: '404, 410 and their like',
    how: 'scripted peer',
    promised: 'one try; one error with the id of the message',
    recoverWithinMs: 5_000,
  },
  {
    row: '28',
    fault: '401: the peer does not believe the signature',
    how: 'scripted peer',
    promised: 'no more than two tries at once; one error with the id of the message',
    recoverWithinMs: 5_000,
  },
  {
    row: '29',
    fault: 'a peer takes the connection and stalls, drips, floods, or sends a gzip bomb',
    how: 'scripted peers, each with its own trick, on POST and on the look-up',
    promised:
      'each look-up is told within 17 s; a message to a living peer takes less than half a second, or twice as long as before',
    recoverWithinMs: 30_000,
  },
  {
    row: '29b',
    fault: 'a peer takes no connection, or stands still in the TLS handshake',
    how: 'a listener whose queue is full; one that accepts and says nothing; a look-up at each',
    promised: 'each sender is told within 17 s; a message to a living peer goes on meanwhile',
    recoverWithinMs: 20_000,
  },
  {
    row: '31',
    fault: 'names that do not exist, or that lead to this machine',
    how: 'a name below invalid.; a name for 127.0.0.1 with the development switch off',
    promised: 'told at once, with the right condition; no connection is made',
    recoverWithinMs: 5_000,
  },
  {
    row: '32',
    fault: 'TLS certificates that are expired, of another name, or of an unknown authority',
    how: 'TLS servers with each of them',
    promised: 'refused: not one byte of HTTP; the sender is told',
    recoverWithinMs: 16_000,
  },
  {
    row: '33',
    fault: 'redirects in a circle, to a private address, to plain HTTP',
    how: 'scripted peer',
    promised: 'refused; nobody is asked at the end of it',
    recoverWithinMs: 16_000,
  },
  {
    row: '35',
    fault: 'the same activity a hundred times',
    how: 'to the personal and the shared inbox at once',
    promised: '2xx each time, shown once',
    recoverWithinMs: 10_000,
  },
  {
    row: '36',
    fault: 'activities in the wrong order',
    how: 'Delete before Create, Undo before Follow, a reply before what it answers',
    promised: 'the same end as in the right order',
    recoverWithinMs: 10_000,
  },
  {
    row: '47',
    fault: 'stanzas come back as errors',
    how: 'a note to an address where Prosody delivers nothing',
    promised:
      'the bounce is understood: given up with its reason, never an error in answer, others get theirs',
    recoverWithinMs: 10_000,
  },
  {
    row: '48',
    fault: 'a storm of error stanzas',
    how: '500 errors from a client to a contact and to the gateway, with and without ids',
    promised: 'never an answer to an error; the next message is carried',
    recoverWithinMs: 10_000,
  },
];
