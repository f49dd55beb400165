/** Where a test stands that is not in the corpus: its file, and a piece of its title. */
export type Witness = readonly [file: string, title: string];

/** A way in which others were, or could be, attacked, in a word or two; and who proves that it leads to nothing. */
export type Entry = {
  readonly name: string;
  /** Beside the attacks of the corpus that have this number. */
  readonly witnesses?: readonly Witness[];
};

const HOSTILE = 'integration/hostile-requests.test.ts';
const STAGES = 'integration/hostile-stages.test.ts';
const IDENTITY = 'integration/attack-identity.test.ts';
const FLOODS = 'integration/attack-floods.test.ts';
const MOVES = 'integration/moves-and-reports.test.ts';
const HTTPS = 'integration/https-fetch.test.ts';
const CHANGES = 'integration/inbound-changes.test.ts';
const KEYS = 'activitypub/keys.test.ts';
const GUARD = 'activitypub/guard.test.ts';
const AGENT = 'activitypub/agent.test.ts';
const FETCH = 'activitypub/fetch.test.ts';
const INBOX = 'activitypub/server-inbox.test.ts';
const LIMITS = 'activitypub/server-limits.test.ts';
const VERIFY = 'activitypub/signatures/verify.test.ts';
const FINGER = 'activitypub/webfinger-client.test.ts';
const FUZZ = 'fuzz/fuzz.test.ts';
const STRICT = 'integration/hostile-strict.test.ts';
const ANSWERS = 'activitypub/hostile-answers.test.ts';

const forbidden = (name: string): Entry => ({
  name: `a URL that leads to ${name}`,
  witnesses: [
    [GUARD, '%s: %s'],
    [AGENT, 'a name is checked where it leads'],
    [STRICT, 'as it runs in earnest'],
  ],
});

/** Signatures and identity 1-28, authority 29-50, the way out 51-75, parsers and resources 76-87. */
export const ENTRIES: Readonly<Record<number, Entry>> = {
  1: { name: 'no signature', witnesses: [[INBOX, 'without a signature 401 is said']] },
  2: {
    name: 'a key of one’s own under the words of another',
    witnesses: [[IDENTITY, 'the signer is not the actor']],
  },
  3: { name: 'a key that is said to be another’s', witnesses: [[KEYS, 'a key does not belong']] },
  4: { name: 'a key id that is no URL' },
  5: { name: 'a document with the id of another' },
  6: { name: 'a key whose id is not its URL' },
  7: { name: 'another body than was signed', witnesses: [[VERIFY, 'digest, type or body']] },
  8: { name: 'two digests' },
  9: { name: 'a digest that is written in another way' },
  10: { name: 'a target that is not signed' },
  11: { name: 'a host that is not ours, or not signed' },
  12: { name: 'the same request again', witnesses: [[HOSTILE, '12. the same request']] },
  13: { name: 'times far off, or none', witnesses: [[VERIFY, 'a date may differ by an hour']] },
  14: { name: 'a parameter twice' },
  15: { name: 'endless headers', witnesses: [['activitypub/signatures/cavage-header.test.ts', 'is linear']] },
  16: { name: 'another algorithm than the key is for' },
  17: {
    name: 'weak keys and forged padding',
    witnesses: [['activitypub/signatures/public-key.test.ts', 'takes RSA of']],
  },
  18: {
    name: 'an answer of the verifier that is neither yes nor no',
    witnesses: [[VERIFY, 'is not valid with another key']],
  },
  19: { name: 'RFC 9421: two signatures, and labels that differ' },
  20: { name: 'RFC 9421: another target, another body, or none signed' },
  21: { name: 'signatures of both kinds, one of them bad' },
  22: { name: 'other ways to say who one is' },
  23: { name: 'linked-data signatures' },
  24: {
    name: 'a storm of wrong signatures',
    witnesses: [
      [HOSTILE, '24. a storm'],
      [KEYS, 'a fresh key once in five minutes'],
    ],
  },
  25: { name: 'a key that cannot be had', witnesses: [[HOSTILE, '25. a key that is answered']] },
  26: { name: 'a key inside a private network', witnesses: [[STRICT, 'the key of a request']] },
  27: { name: 'a key behind another scheme, port or name' },
  28: { name: 'a key that another claims', witnesses: [[IDENTITY, 'a key id that a stranger claimed']] },
  29: { name: 'a Delete of somebody else' },
  30: { name: 'an Update of somebody else' },
  31: { name: 'an Update of another’s note', witnesses: [[CHANGES, 'one of somebody else’s note']] },
  32: { name: 'a Delete of another’s note', witnesses: [[CHANGES, 'by anybody but the author']] },
  33: { name: 'an Undo of what another did' },
  34: { name: 'an answer to a follow of another' },
  35: { name: 'a note of another author' },
  36: { name: 'a note of another server, told whole' },
  37: { name: 'a document that somebody uploaded', witnesses: [[FETCH, 'what is refused']] },
  38: {
    name: 'an inbox elsewhere',
    witnesses: [
      [STAGES, '38. an actor that says'],
      ['activitypub/parse-actor.test.ts', 'never an inbox on another host'],
    ],
  },
  39: { name: 'a wider audience for a private note' },
  40: {
    name: 'a note whose Update has another audience',
    witnesses: [[CHANGES, 'it reaches those who were shown it']],
  },
  41: {
    name: 'what a blocked server said, by another’s hand',
    witnesses: [[STAGES, 'is not carried by another’s hand: %s']],
  },
  42: { name: 'a Move that is not agreed' },
  43: { name: 'a Block or a Flag for another' },
  44: { name: 'an id that is another’s' },
  45: { name: 'a Follow of who is not there', witnesses: [[MOVES, 'nobody follows the gateway itself']] },
  46: { name: 'a private note, asked for', witnesses: [[IDENTITY, 'looks to all but its addressee']] },
  47: { name: 'a private note, asked for by the hand of another' },
  48: { name: 'what concerns nobody here' },
  49: { name: 'hidden recipients' },
  50: { name: 'a chat message to several' },
  51: forbidden('this machine'),
  52: forbidden('this machine, in IPv6'),
  53: forbidden('no address'),
  54: forbidden('the metadata of a cloud'),
  55: forbidden('a private network'),
  56: forbidden('an IPv4 address inside an IPv6 one'),
  57: forbidden('a translated or tunnelled address'),
  58: forbidden('a network behind a provider'),
  59: forbidden('many at once, or to a documentation range'),
  60: { name: 'an address in an odd spelling', witnesses: [[GUARD, 'checkUrl']] },
  61: {
    name: 'a name that changes its mind',
    witnesses: [
      [AGENT, 'a name that changes its mind after the check'],
      [AGENT, 'a name that changes its mind is asked once'],
    ],
  },
  62: {
    name: 'a redirect to a private place, to plain http or to another server',
    witnesses: [
      [FETCH, 'each place is checked again'],
      ['activitypub/strict-redirects.test.ts', 'a redirect of a public server to this machine'],
      [HTTPS, 'may not lead from https to http'],
    ],
  },
  63: { name: 'redirects without an end', witnesses: [[FETCH, 'three hops, not four; a loop ends']] },
  64: {
    name: 'discovery that leads away',
    witnesses: [
      [FINGER, 'leads to no port but 443'],
      ['activitypub/look-up.test.ts', 'refuses an actor that WebFinger does not name'],
    ],
  },
  65: {
    name: 'proxies, exceptions and ourselves',
    witnesses: [
      [AGENT, 'variables that name a proxy'],
      [GUARD, 'a URL of our own is refused'],
    ],
  },
  66: {
    name: 'line ends and zeros in names',
    witnesses: [
      [FINGER, 'quotes what a name may hold'],
      [ANSWERS, 'becomes one request without a header of its own'],
    ],
  },
  67: {
    name: 'an answer byte by byte',
    witnesses: [
      [FETCH, 'a host that is slow'],
      [ANSWERS, 'an answer that does not end'],
      [INBOX, 'a body that never ends is cut'],
      ['activitypub/server-figures.test.ts', 'with a body byte by byte'],
    ],
  },
  68: {
    name: 'bodies that are too large, packed or not',
    witnesses: [
      [FETCH, 'more than 1 MiB'],
      [ANSWERS, 'a length that is not true'],
      ['activitypub/read-body.test.ts', 'stops an endless body'],
    ],
  },
  69: { name: 'certificates that do not fit', witnesses: [[HTTPS, '%s is asked for nothing']] },
  70: { name: 'HTML where a document was asked for', witnesses: [[FETCH, 'what is refused']] },
  71: {
    name: 'a thousand names of one domain',
    witnesses: [
      [KEYS, 'not for more than 300 new keys'],
      ['activitypub/rate-limit.test.ts', 'over any stretch no more'],
    ],
  },
  72: { name: 'collections without an end' },
  73: { name: 'a context to be fetched' },
  74: { name: 'a picture that is expensive' },
  75: {
    name: 'hosts that look alike',
    witnesses: [
      ['activitypub/json-fields.test.ts', 'hosts are compared with their port'],
      [GUARD, 'checkUrl'],
    ],
  },
  76: { name: 'depth and numbers' },
  77: { name: 'a name twice' },
  78: {
    name: 'the prototype',
    witnesses: [['activitypub/json-fields.test.ts', 'readField sees own properties only']],
  },
  79: { name: 'wrong types everywhere', witnesses: [['activitypub/corpus.test.ts', 'refused or tamed']] },
  80: { name: 'text that is none' },
  81: { name: 'numbers that are none' },
  82: { name: 'a body over the limit', witnesses: [[INBOX, 'one byte over the limit']] },
  83: {
    name: 'too many requests',
    witnesses: [
      [LIMITS, 'takes from an actor a fifth'],
      [LIMITS, 'counts the actors of a host together'],
      [LIMITS, 'counts a client behind the proxy'],
      ['activitypub/server-figures.test.ts', 'above the most there may be are hung up on'],
      [FLOODS, 'a flood of notes of one actor'],
    ],
  },
  84: { name: 'names that are too long', witnesses: [[FLOODS, 'ids that are longer than an index']] },
  85: { name: 'signs that mean something to a database' },
  86: { name: 'text that is hard to clean', witnesses: [[FUZZ, 'a short run']] },
  87: {
    name: 'many different activities of one kind, by one or by many new actors',
    witnesses: [
      [LIMITS, 'takes from an actor a fifth'],
      [KEYS, 'of a site whose every actor is new'],
    ],
  },
};
