import type { Activity } from '../bridge/activity.ts';
import { updateActor } from './actors.ts';
import { carryDelete, carryUpdate } from './changes.ts';
import { carryMove } from './moves.ts';
import type { GatewayPorts } from './ports.ts';
import { refuseQuote } from './quotes.ts';
import { carryReaction } from './reactions.ts';
import { carryAnswer, carryBlock, carryFollow, carryUndo } from './relations.ts';
import { carryFlag } from './reports.ts';
import { type Arrival, showNote } from './show-note.ts';

/**
 * A verified activity from the inbox: its signer is its actor. Each case commits its own effect; a case that
 * comes twice changes nothing, and one that comes before what it belongs to ends as in the right order. Throws
 * when the gateway is in trouble: then the row comes again.
 */
export const carryActivity = async (
  deps: GatewayPorts,
  activity: Activity,
  arrival: Arrival,
): Promise<void> => {
  switch (activity.type) {
    case 'Create':
      return await showNote(deps, activity.note, arrival);
    case 'Update':
      return await carryUpdate(deps, activity, arrival);
    case 'UpdateActor':
      await updateActor(deps, activity.profile);
      return deps.wake.stanzas();
    case 'Delete':
      return await carryDelete(deps, activity, arrival);
    case 'Follow':
      return await carryFollow(deps, activity);
    case 'Accept':
    case 'Reject':
      return await carryAnswer(deps, activity);
    case 'Undo':
      return await carryUndo(deps, activity, arrival);
    case 'Block':
      return await carryBlock(deps, activity);
    case 'Like':
    case 'EmojiReact':
    case 'Announce':
      return await carryReaction(deps, activity, arrival);
    case 'QuoteRequest':
      return await refuseQuote(deps, activity);
    case 'Move':
      return await carryMove(deps, activity);
    case 'Flag':
      return await carryFlag(deps, activity);
    case 'Other':
      return;
  }
};
