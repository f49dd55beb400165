import { createHash, type KeyObject, sign } from 'node:crypto';
import type { HostileRequest } from '../../support/hostile-request.ts';
import type { Attack, Scene } from './attack.ts';

type Component = readonly [name: string, value: string];

type Message = {
  readonly body: string;
  /** The `Content-Digest` header. */
  readonly digest?: string | undefined;
  /** What is signed, with the value that the signer saw. */
  readonly components: readonly Component[];
  readonly parameters: string;
  readonly key: KeyObject;
};

const digestOf = (body: string): string => `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;
const inSeconds = (hours = 0): number => Math.floor(Date.now() / 1000 + hours * 3600);

/** RFC 9421 2.5: the base, signed, and what stands in `Signature-Input`. */
const signMessage = ({ components, parameters, key }: Omit<Message, 'body'>) => {
  const input = `(${components.map(([name]) => name).join(' ')})${parameters}`;
  const lines = [...components.map(([name, value]) => `${name}: ${value}`), `"@signature-params": ${input}`];
  return { input, signature: sign('sha256', Buffer.from(lines.join('\n')), key).toString('base64') };
};

const requestOf = (scene: Scene, message: Message, label = 'sig1', answer = label): HostileRequest => {
  const { input, signature } = signMessage(message);
  return {
    method: 'POST',
    body: message.body,
    headers: [
      ['host', scene.domain],
      ['date', new Date().toUTCString()],
      ['content-type', 'application/activity+json'],
      ...(message.digest === undefined ? [] : ([['content-digest', message.digest]] as const)),
      ['signature-input', `${label}=${input}`],
      ['signature', `${answer}=:${signature}:`],
    ],
  };
};

const parametersOf = (keyId: string, created = inSeconds()): string =>
  `;created=${created};keyid="${keyId}";alg="rsa-v1_5-sha256"`;

/** A note of mallory's as he would honestly sign it. */
const honest = (scene: Scene, mark: string, actor = scene.mallory): Message => {
  const body = JSON.stringify(scene.note(mark, {}, {}, actor));
  return {
    body,
    digest: digestOf(body),
    components: [
      ['"@method"', 'POST'],
      ['"@target-uri"', `https://${scene.domain}/inbox`],
      ['"content-digest"', digestOf(body)],
    ],
    parameters: parametersOf(`${scene.mallory}#main-key`),
    key: scene.peer.privateKey,
  };
};

const without = ({ components, ...message }: Message, name: string): Message => ({
  ...message,
  components: components.filter(([each]) => each !== name),
});

const having = ({ components, ...message }: Message, name: string, value: string): Message => ({
  ...message,
  components: components.map((each) => (each[0] === name ? [name, value] : each)),
});

const refused = (
  entry: number,
  name: string,
  send: (scene: Scene, mark: string) => HostileRequest,
): Attack => ({ entry, name, status: 401, send });

const changed = (entry: number, name: string, change: (message: Message, scene: Scene) => Message): Attack =>
  refused(entry, name, (scene, mark) => requestOf(scene, change(honest(scene, mark), scene)));

/** Each header field again, with what a second signature adds. */
const twoSignatures = (
  scene: Scene,
  mark: string,
  actor: string,
  covered: (message: Message) => Message = (message) => message,
): HostileRequest => {
  const own = honest(scene, mark, actor);
  const first = signMessage(own);
  const second = covered({ ...own, parameters: parametersOf(`${scene.victim}#main-key`) });
  const { input } = signMessage(second);
  const request = requestOf(scene, own);
  return {
    ...request,
    headers: request.headers.map(([name, value]) => {
      if (name === 'signature-input') return [name, `${value}, sig2=${input}`];
      if (name === 'signature')
        return [name, `${value}, sig2=:${Buffer.from(first.signature).toString('base64')}:`];
      return [name, value];
    }),
  };
};

export const MESSAGE_SIGNATURE_ATTACKS: readonly Attack[] = [
  refused(19, 'two signatures, one in the name of the victim', (s, m) => twoSignatures(s, m, s.victim)),
  refused(19, 'a whole signature of the attacker beside a part of one in the name of the victim', (s, m) =>
    twoSignatures(s, m, s.victim, (message) => without(message, '"content-digest"')),
  ),
  refused(19, 'two signatures, both rightly made', (s, m) => {
    const request = requestOf(s, honest(s, m));
    const again = requestOf(s, honest(s, m), 'sig2');
    const valueIn = (name: string): string => again.headers.find(([each]) => each === name)?.[1] ?? '';
    const headers = request.headers.map(
      ([name, value]) => [name, name.startsWith('signature') ? `${value}, ${valueIn(name)}` : value] as const,
    );
    return { ...request, headers };
  }),
  refused(19, 'a label that has no signature', (s, m) => requestOf(s, honest(s, m), 'sig1', 'sig2')),
  refused(19, 'a label that is written in two ways', (s, m) => requestOf(s, honest(s, m), 'Sig1', 'sig1')),
  refused(19, 'the signature of the attacker under the words of the victim', (s, m) =>
    requestOf(s, honest(s, m, s.victim)),
  ),
  changed(20, 'another host in the target', (message) =>
    having(message, '"@target-uri"', 'https://other.test/inbox'),
  ),
  changed(20, 'another path in the target', (message, { domain }) =>
    having(message, '"@target-uri"', `https://${domain}/u/x/inbox`),
  ),
  changed(20, 'plain http in the target', (message, { domain }) =>
    having(message, '"@target-uri"', `http://${domain}/inbox`),
  ),
  changed(20, 'another method', (message) => having(message, '"@method"', 'GET')),
  changed(20, 'no target signed', (message) => without(message, '"@target-uri"')),
  changed(20, 'no digest signed', (message) => without(message, '"content-digest"')),
  changed(20, 'no digest sent', (message) => ({
    ...without(message, '"content-digest"'),
    digest: undefined,
  })),
  changed(20, 'a digest that is signed and not sent', (message) => ({ ...message, digest: undefined })),
  changed(20, 'the digest of another body', (message) => ({
    ...having(message, '"content-digest"', digestOf('x')),
    digest: digestOf('x'),
  })),
  changed(20, 'another body than the digest is of', (message) => ({
    ...message,
    body: message.body.replace('mark', 'mask'),
  })),
  changed(20, 'a second digest that is not of the body', (message) => {
    const digest = `${digestOf(message.body)}, sha-512=:${'A'.repeat(86)}==:`;
    return { ...having(message, '"content-digest"', digest), digest };
  }),
  changed(20, 'nothing signed', (message) => ({ ...message, components: [] })),
  changed(20, 'the method twice', (message) => ({
    ...message,
    components: [['"@method"', 'POST'], ...message.components],
  })),
  changed(20, 'a component that nobody defined', (message) => ({
    ...message,
    components: [...message.components, ['"@everything"', '']],
  })),
  changed(20, 'no time', (message, s) => ({
    ...message,
    parameters: `;keyid="${s.mallory}#main-key";alg="rsa-v1_5-sha256"`,
  })),
  changed(20, 'made two hours ago', (message, s) => ({
    ...message,
    parameters: parametersOf(`${s.mallory}#main-key`, inSeconds(-2)),
  })),
  changed(20, 'made in two hours', (message, s) => ({
    ...message,
    parameters: parametersOf(`${s.mallory}#main-key`, inSeconds(2)),
  })),
  changed(20, 'expired before it was made', (message, s) => ({
    ...message,
    parameters: `${parametersOf(`${s.mallory}#main-key`)};expires=${inSeconds(-1)}`,
  })),
  changed(20, 'a MAC', (message, s) => ({
    ...message,
    parameters: parametersOf(`${s.mallory}#main-key`).replace('rsa-v1_5-sha256', 'hmac-sha256'),
  })),
  changed(20, 'another algorithm than the key is for', (message, s) => ({
    ...message,
    parameters: parametersOf(`${s.mallory}#main-key`).replace('rsa-v1_5-sha256', 'ed25519'),
  })),
  ...['x', 'sig1', 'sig1=', 'sig1=("@method"', 'sig1=();created', 'sig1=(), sig1=()', '='.repeat(5000)].map(
    (input) =>
      refused(20, `“${input.slice(0, 20)}” in the place of what is signed`, (s, m) => {
        const request = requestOf(s, honest(s, m));
        const headers = request.headers.map(
          ([name, value]) => [name, name === 'signature-input' ? input : value] as const,
        );
        return { ...request, headers };
      }),
  ),
  refused(21, 'a good signature of the old kind beside a bad one of the new', (s, m) => {
    const body = JSON.stringify(s.note(m));
    const old = s.signed('mallory', body);
    const bad = requestOf(s, having({ ...honest(s, m), body }, '"@method"', 'GET'));
    return {
      ...old,
      headers: [...old.headers, ...bad.headers.filter(([name]) => /^(?:sig|content-d)/u.test(name))],
    };
  }),
  refused(21, 'a good signature of the old kind that names a new one', (s, m) => {
    const old = s.signed('mallory', s.note(m));
    const extra = ['signature-input', `sig1=("@method")${parametersOf(`${s.victim}#main-key`)}`] as const;
    return { ...old, headers: [...old.headers, extra] };
  }),
];
