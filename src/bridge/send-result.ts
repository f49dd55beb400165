/** How one POST to a remote inbox ended. */
export type SendResult =
  | { readonly kind: 'answered'; readonly status: number; readonly retryAfterSeconds: number | undefined }
  /** No answer: DNS, TCP, TLS, deadline, an address that we never connect to. */
  | {
      readonly kind: 'no-answer';
      readonly cause:
        | 'no-such-host'
        | 'refused-address'
        | 'tls'
        /** The certificate is for other names. */
        | 'tls-name'
        | 'timeout'
        | 'connection';
      readonly problem: string;
    };
