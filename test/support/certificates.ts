import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import forge from 'node-forge';

/** A certificate and its private key, both PEM. */
export type KeyedCertificate = { readonly certificate: string; readonly key: string };

const DAY_MS = 86_400_000;
/** Long enough for a demo that stays up, short enough that a leaked key is soon worth nothing. */
const VALID_DAYS = 7;

/** A private certificate authority that no other program of the machine trusts. Valid from a day before `now`. */
export function createAuthority(now: Date): KeyedCertificate {
  const keys = createKeys();
  const name = [{ name: 'commonName', value: 'Causeway test authority' }];
  const certificate = unsignedCertificate(keys.publicKey, now);
  certificate.setSubject(name);
  certificate.setIssuer(name);
  certificate.setExtensions([
    { name: 'basicConstraints', critical: true, cA: true },
    { name: 'keyUsage', critical: true, keyCertSign: true, cRLSign: true },
    { name: 'subjectKeyIdentifier' },
  ]);
  certificate.sign(keys.privateKey, forge.md.sha256.create());
  return { certificate: forge.pki.certificateToPem(certificate), key: keys.pem };
}

/**
 * A server certificate for all of `names` (DNS names; the first is the common name), signed by `authority`.
 * Throws where `names` is empty.
 */
export function issueCertificate(
  authority: KeyedCertificate,
  names: readonly string[],
  now: Date,
): KeyedCertificate {
  const [first] = names;
  if (first === undefined) throw new Error('a certificate needs at least one name');
  const issuer = forge.pki.certificateFromPem(authority.certificate);
  const keys = createKeys();
  const certificate = unsignedCertificate(keys.publicKey, now);
  certificate.setSubject([{ name: 'commonName', value: first }]);
  certificate.setIssuer(issuer.subject.attributes);
  certificate.setExtensions([
    { name: 'basicConstraints', critical: true, cA: false },
    { name: 'keyUsage', critical: true, digitalSignature: true, keyEncipherment: true },
    { name: 'extKeyUsage', serverAuth: true },
    // Type 2 is a DNS name (RFC 5280 4.2.1.6).
    { name: 'subjectAltName', altNames: names.map((value) => ({ type: 2, value })) },
    { name: 'subjectKeyIdentifier' },
  ]);
  certificate.sign(forge.pki.privateKeyFromPem(authority.key), forge.md.sha256.create());
  return { certificate: forge.pki.certificateToPem(certificate), key: keys.pem };
}

/** The files that child processes are pointed at, with the server certificate for a terminator in this process. */
export type CertificateSet = KeyedCertificate & {
  readonly authority: string;
  /** Path of a PEM file with the authority: for NODE_EXTRA_CA_CERTS, or as the whole bundle of a program. */
  readonly authorityFile: string;
};

/** Makes an authority and one certificate for `names`; writes the authority, and never a private key, to `folder`. */
export async function writeCertificates(
  folder: string,
  names: readonly string[],
  now: Date,
): Promise<CertificateSet> {
  const authority = createAuthority(now);
  const leaf = issueCertificate(authority, names, now);
  const authorityFile = join(folder, 'authority.pem');
  await mkdir(folder, { recursive: true });
  // Read by programs that have given up root.
  await writeFile(authorityFile, authority.certificate, { mode: 0o644 });
  return { ...leaf, authority: authority.certificate, authorityFile };
}

/** Lets every TLS client of this process trust `authority` besides the usual ones; the function returned ends it. */
export function trustAuthority(authority: string): () => void {
  const before = getCACertificates('default');
  setDefaultCACertificates([...before, authority]);
  return () => setDefaultCACertificates(before);
}

/** forge makes RSA keys in seconds, node:crypto in a tenth of one; so node:crypto makes them and forge signs. */
function createKeys() {
  const pair = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return {
    pem: pair.privateKey,
    publicKey: forge.pki.publicKeyFromPem(pair.publicKey),
    privateKey: forge.pki.privateKeyFromPem(pair.privateKey),
  };
}

function unsignedCertificate(publicKey: forge.pki.PublicKey, now: Date): forge.pki.Certificate {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = publicKey;
  // Positive and not empty (RFC 5280 4.1.2.2), hence the leading 01.
  certificate.serialNumber = `01${randomBytes(15).toString('hex')}`;
  certificate.validity.notBefore = new Date(now.getTime() - DAY_MS);
  certificate.validity.notAfter = new Date(now.getTime() + VALID_DAYS * DAY_MS);
  return certificate;
}
