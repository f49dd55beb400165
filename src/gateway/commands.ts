import { parseCommandLine } from '../bridge/command-line.ts';
import { permitSender } from '../bridge/policy.ts';
import { accountText, helpText } from '../bridge/sentences.ts';
import { accountCommands } from './account-commands.ts';
import { adminCommands } from './admin-commands.ts';
import type { GatewayPorts } from './ports.ts';
import { profileCommands } from './profile-commands.ts';

/** One thing that the gateway does for whoever asks it; text commands and ad-hoc commands are views of this. */
export type Command = {
  readonly name: string;
  /** The line of `help`: how it is written, and what it does. */
  readonly help: string;
  readonly isForAdmins: boolean;
  /**
   * Does it and says what became of it.
   * @param jid bare, of somebody who may use the gateway; an admin where `isForAdmins`
   * @param rest what stands behind the name
   */
  readonly run: (deps: GatewayPorts, jid: string, rest: string) => Promise<string>;
};

export const COMMANDS: readonly Command[] = [...accountCommands, ...profileCommands, ...adminCommands];

/** The answer to a message to the gateway itself. Who may not use it, and what is no command, is told the help. */
export const answerCommand = async (deps: GatewayPorts, jid: string, body: string): Promise<string> => {
  const isAdmin = deps.admins.includes(jid);
  // An administrator may live elsewhere: such a one decides about others and gets no account.
  if (!isAdmin && !permitSender(deps.rules, jid, true).ok) return helpText({ domain: deps.domain });
  const mine = COMMANDS.filter(({ isForAdmins }) => !isForAdmins || isAdmin);
  const { name, rest } = parseCommandLine(body);
  const command = mine.find((candidate) => candidate.name === name);
  if (command !== undefined) return await command.run(deps, jid, rest);
  const lines = mine.map(({ help }) => help).join('\n');
  return `${helpText({ domain: deps.domain })}\n${accountText('account.commands', { lines })}`;
};
