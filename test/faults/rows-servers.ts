import type { Fault } from './rows.ts';

/** The servers that the gateway stands between go away, or what they carry is more than they take. */
export const SERVERS: readonly Fault[] = [
  {
    row: '12',
    fault: 'half-open component connection: the server is there, nothing passes',
    how: 'the wire to Prosody swallows every byte, for as long as the gateway needs to notice',
    promised: 'noticed by ping within 30 s, not ready meanwhile; a new connection, nothing lost',
    recoverWithinMs: 20_000,
  },
  {
    row: '13',
    fault: 'the XMPP server is killed and comes back',
    how: 'kill -9 of Prosody, notes accepted meanwhile, restart',
    promised: 'connected soon after the port is up; what waited arrives once, in order',
    recoverWithinMs: 12_000,
  },
  {
    row: '13b',
    fault: 'the XMPP server is killed in the middle of 1,000 notes',
    how: '1,000 notes of 4 people to a user who is away; kill -9 of Prosody twice on the way',
    promised: 'all arrive, each once by id, in order per person',
    recoverWithinMs: 120_000,
  },
  {
    row: '15',
    fault: 'wrong component secret',
    how: 'CAUSEWAY_XMPP_SECRET',
    promised: 'the process stays, /readyz says which key is wrong',
    recoverWithinMs: 10_000,
  },
  {
    row: '16',
    fault: 'a note far too large for a stanza',
    how: 'a text of 600,000 characters, then a short note',
    promised: 'cut before it is sent; the connection holds, the short note follows',
    recoverWithinMs: 10_000,
  },
  {
    row: '17',
    fault: 'characters that XML forbids, lone surrogates',
    how: 'a note with U+0000, U+0008, U+FFFE and half a pair',
    promised: 'stripped; the connection holds, the next note follows',
    recoverWithinMs: 10_000,
  },
  {
    row: '18',
    fault: 'PostgreSQL restarts (fast shutdown) under load',
    how: 'SIGINT to the postmaster, which its keeper starts again',
    promised: 'no acknowledgement without a commit; new work within 5 s, and then what was in hand',
    recoverWithinMs: 15_000,
  },
  {
    row: '19',
    fault: 'PostgreSQL is killed under load',
    how: 'kill -9 of the postmaster; crash recovery',
    promised: 'nothing acknowledged is missing; new work within 5 s, and then what was in hand',
    recoverWithinMs: 20_000,
  },
  {
    row: '20',
    fault: 'connections to PostgreSQL are cut all the time',
    how: 'pg_terminate_backend for every connection of the gateway, each 200 ms for 5 s',
    promised: 'the process lives; nothing acknowledged is lost',
    recoverWithinMs: 45_000,
  },
  {
    row: '22',
    fault: 'PostgreSQL has no connection left',
    how: 'every slot held by others, the gateway cut off',
    promised: '503, not ready, no crash; resumes when slots are free',
    recoverWithinMs: 15_000,
  },
];
