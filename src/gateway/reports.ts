import type { Activity } from '../bridge/activity.ts';
import { localHandle } from '../bridge/local-handle.ts';
import { reportText } from '../bridge/sentences.ts';
import { cleanLine } from '../bridge/text.ts';
import { localNoteId, localUserId } from '../bridge/urls.ts';
import { findUserById } from '../store/users.ts';
import { noteKnownBy } from './activities.ts';
import { signerOf } from './actors.ts';
import { tell } from './notices.ts';
import type { GatewayPorts } from './ports.ts';
import { activeUsers } from './users.ts';

const MAX_TOLD_OBJECTS = 10;

/** A note alone need not be looked at: whoever can report it had it from us. */
const noteReporter = async (
  deps: GatewayPorts,
  reporter: string,
  objects: readonly string[],
): Promise<void> => {
  const users = await activeUsers(deps, objects);
  if (users.length === 0) return;
  const { actor } = await signerOf(deps, reporter);
  for (const user of users) await noteKnownBy(deps.db, user.id, actor);
};

/**
 * Another server complains of somebody here, or of what they wrote: the administrators are told, each by a message.
 * What names nobody and nothing of ours is passed over. Whom it names it knows, and is told when they leave.
 */
export const carryFlag = async (
  deps: GatewayPorts,
  { actor, objects, content }: Extract<Activity, { type: 'Flag' }>,
): Promise<void> => {
  const { origin } = deps.urls;
  const ours = objects.filter(
    (uri) => localUserId(origin, uri) !== undefined || localNoteId(origin, uri) !== undefined,
  );
  if (ours.length === 0) return;
  await noteReporter(deps, actor, ours);
  const host = new URL(actor).host;
  if (deps.admins.length === 0 || !deps.allowReport(host)) return deps.log.warn('report-unseen', { host });
  const names: string[] = [];
  for (const uri of ours.slice(0, MAX_TOLD_OBJECTS)) {
    const id = localUserId(origin, uri);
    const user = id === undefined ? undefined : await findUserById(deps.db, id);
    if (user !== undefined) names.push(`@${localHandle(user, deps)} (${user.jid})`);
  }
  const text = reportText({
    host,
    who: names.length === 0 ? 'messages from here' : names.join(', '),
    content,
    objects: ours.slice(0, MAX_TOLD_OBJECTS).map(cleanLine).join(' '),
  });
  await deps.db.transaction(async (tx) => {
    for (const admin of deps.admins) await tell(deps, tx, admin, text);
  });
  deps.wake.stanzas();
};
