import { localHandle } from '../bridge/local-handle.ts';
import { done, type Outcome, refuse } from '../bridge/outcome.ts';
import { accountText } from '../bridge/sentences.ts';
import type { GatewayPorts } from './ports.ts';
import { askToRegister, leave, type Standing, standingOf } from './registration.ts';

/** The account of whoever asks, in the terms of XEP-0077. */
export const accountsOf = (deps: GatewayPorts) => ({
  look: async (jid: string): Promise<Outcome<{ readonly isRegistered: boolean; readonly text: string }>> => {
    const standing = await standingOf(deps, jid);
    if (!standing.ok) return standing;
    const { value } = standing;
    // XEP-0077 3.1: who can never register is told so before there is anything to fill in.
    if (value.state === 'stranger' && deps.rules.registration === 'closed')
      return refuse('registration-closed');
    return done({ isRegistered: value.state === 'registered', text: describe(deps, value) });
  },
  register: (jid: string): Promise<Outcome<Standing>> => askToRegister(deps, jid),
  remove: async (jid: string): Promise<Outcome<void>> =>
    (await leave(deps, jid)) ? done(undefined) : refuse('not-registered'),
});

const describe = ({ domain, jidDomains, rules }: GatewayPorts, standing: Standing): string => {
  switch (standing.state) {
    case 'registered':
      return accountText('account.registered', {
        handle: `@${localHandle(standing.user, { domain, jidDomains })}`,
      });
    case 'waiting':
      return accountText('account.waiting', { domain });
    case 'stranger':
      return rules.registration === 'open'
        ? accountText('account.invitation')
        : accountText('account.invitation-request', { domain });
  }
};
