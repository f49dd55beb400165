/** Why a connection to the XMPP server is over, or never came to be. */
export type StreamEnd =
  /** The server said so (RFC 6120 4.9.3, XEP-0114 3). */
  | { readonly kind: 'stream-error'; readonly condition: string }
  /** `code` of node:net: ECONNREFUSED, ENOTFOUND … */
  | { readonly kind: 'socket'; readonly code: string }
  | { readonly kind: 'closed' }
  | { readonly kind: 'handshake-timeout' }
  /** No answer to a ping: the connection is half-open. */
  | { readonly kind: 'silent' }
  | { readonly kind: 'bad-xml' }
  | { readonly kind: 'stanza-too-large' };

/**
 * A sentence for the admin: what is wrong and what to configure. It names settings, never addresses or
 * secrets, because it is also what a readiness probe says. Total over `StreamEnd`.
 */
export const describeEnd = (end: StreamEnd, domain: string): string => {
  switch (end.kind) {
    case 'stream-error':
      return describeStreamError(end.condition, domain);
    case 'socket':
      return describeSocketError(end.code);
    case 'closed':
      return 'The XMPP server closed the connection.';
    case 'handshake-timeout':
      return 'What answers where xmpp.server points does not speak the component protocol (XEP-0114): it must be the port for components (5347 by default), not one for clients.';
    case 'silent':
      return 'The XMPP server no longer answers on the connection.';
    case 'bad-xml':
      return 'The XMPP server sent XML that is not well formed.';
    case 'stanza-too-large':
      return 'The XMPP server sent a stanza above the size limit.';
  }
};

const describeStreamError = (condition: string, domain: string): string => {
  switch (condition) {
    case 'not-authorized':
      return `The XMPP server refuses the secret of the component ${domain}: xmpp.secret must equal component_secret (Prosody) or password (ejabberd).`;
    case 'host-unknown':
      return `The XMPP server has no component ${domain}: add Component "${domain}" (Prosody) or "${domain}" below hosts of the ejabberd_service listener (ejabberd), or correct the setting domain.`;
    case 'conflict':
      return `The XMPP server holds another connection for the component ${domain}: either a second gateway runs, or the server has not noticed yet that the former one is gone (Prosody: component_conflict_resolve = "kick_old").`;
    case 'system-shutdown':
      return 'The XMPP server is shutting down.';
    default:
      return `The XMPP server closed the stream with the error ${condition}.`;
  }
};

const describeSocketError = (code: string): string => {
  switch (code) {
    case 'ECONNREFUSED':
      return 'No XMPP server takes components where xmpp.server points (connection refused): is it running, and does it listen there?';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'The host name in xmpp.server cannot be resolved.';
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'The host in xmpp.server cannot be reached.';
    default:
      return `The connection to the XMPP server broke (${code}).`;
  }
};
