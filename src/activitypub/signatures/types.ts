export type SignatureAlgorithm = 'rsa-v1_5-sha256' | 'ed25519';

/** A signature of which all is in order but the key: any scheme ends here. */
export type ReadSignature = {
  readonly keyId: string;
  /** Undefined where the sender leaves it to the key (RFC 9421 3.2). */
  readonly algorithm: SignatureAlgorithm | undefined;
  readonly signature: Uint8Array;
  /** What may have been signed; one must fit. */
  readonly bases: readonly string[];
};

export type SignatureRules = {
  readonly now: Date;
  /** The names under which we are reached, lower case, with a port where it is not the default. */
  readonly hosts: readonly string[];
  /** Scheme and host under which we are reached: what an RFC 9421 signature must have been made for. */
  readonly origin: string;
};
