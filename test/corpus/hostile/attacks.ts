import type { Attack } from './attack.ts';
import { AUTHORITY_ATTACKS } from './authority.ts';
import { BODY_ATTACKS } from './bodies.ts';
import { MESSAGE_SIGNATURE_ATTACKS } from './message-signatures.ts';
import { PEER_ATTACKS } from './peers.ts';
import { SIGNATURE_ATTACKS } from './signatures.ts';

/** Every attack there is: `integration/hostile-requests.test.ts` runs these, `entries.test.ts` counts these. */
export const ATTACKS: Readonly<Record<string, readonly Attack[]>> = {
  signatures: SIGNATURE_ATTACKS,
  'message signatures': MESSAGE_SIGNATURE_ATTACKS,
  authority: AUTHORITY_ATTACKS,
  bodies: BODY_ATTACKS,
  peers: PEER_ATTACKS,
};
