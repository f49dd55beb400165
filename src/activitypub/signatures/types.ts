/** A signature of which all is in order but the key: any scheme ends here. RSA PKCS#1 v1.5 with SHA-256. */
export type ReadSignature = {
  readonly keyId: string;
  readonly signature: Uint8Array;
  /** What may have been signed; one must fit. */
  readonly bases: readonly string[];
};

export type SignatureRules = {
  readonly now: Date;
  /** The names under which we are reached, lower case, with a port where it is not the default. */
  readonly hosts: readonly string[];
};
