import { jidToUri } from '../bridge/jid.ts';
import type { Refusal, RefusalReason } from '../bridge/outcome.ts';
import type { StanzaCondition, StanzaError } from '../bridge/stanza.ts';

/**
 * The stanza error for a refusal: condition and type by RFC 6120 8.3.3, `text` in the language `lang` for
 * the person. Total: a new reason does not compile until it has a condition here.
 */
export const refusalToError = (refusal: Refusal, text: string, lang: string): StanzaError => {
  const [condition, type] = conditionOf(refusal.reason);
  return {
    condition,
    type,
    text,
    lang,
    ...(condition === 'gone' && refusal.movedTo !== undefined ? { uri: jidToUri(refusal.movedTo) } : {}),
  };
};

const conditionOf = (reason: RefusalReason): readonly [StanzaCondition, StanzaError['type']] => {
  switch (reason) {
    case 'malformed-address':
      return ['jid-malformed', 'modify'];
    case 'not-found':
      return ['item-not-found', 'cancel'];
    case 'gone':
      return ['gone', 'cancel'];
    case 'host-not-found':
      return ['remote-server-not-found', 'cancel'];
    case 'host-unreachable':
      return ['remote-server-timeout', 'wait'];
    case 'refused-by-host':
    case 'blocked-by-person':
    case 'domain-not-allowed':
      return ['forbidden', 'auth'];
    case 'policy':
      return ['policy-violation', 'modify'];
    case 'over-limit':
      return ['resource-constraint', 'wait'];
    case 'not-registered':
      return ['registration-required', 'auth'];
    case 'registration-closed':
      return ['not-allowed', 'cancel'];
    case 'encrypted':
    case 'too-long':
    case 'rejected-by-host':
      return ['not-acceptable', 'modify'];
    case 'not-supported':
      return ['feature-not-implemented', 'cancel'];
    case 'internal':
      return ['internal-server-error', 'wait'];
  }
};
