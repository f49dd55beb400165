/** Where a test stands that is not in the corpus: its file, and its title. */
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
const PICTURES = 'activitypub/fetch-picture.test.ts';
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
    [GUARD, 'isForbiddenAddress > %s: %s'],
    [AGENT, 'a name is checked where it leads'],
    [STRICT, 'as it runs in earnest'],
  ],
});

/** Signatures and identity 1-28, authority 29-50, the way out 51-75, parsers and resources 76-87. */
export const ENTRIES: Readonly<Record<number, Entry>> = {
  1: { name: 'no signature', witnesses: [[INBOX, 'without a signature 401 is said, and how to do better']] },
  2: {
    name: 'a key of one’s own under the words of another',
    witnesses: [[IDENTITY, 'an activity speaks for its signer alone > the signer is not the actor']],
  },
  3: { name: 'a key that is said to be another’s', witnesses: [[KEYS, 'a key does not belong']] },
  4: { name: 'a key id that is no URL' },
  5: { name: 'a document with the id of another' },
  6: { name: 'a key whose id is not its URL' },
  7: {
    name: 'another body than was signed',
    witnesses: [
      [VERIFY, 'a signed POST > is not valid for another path, method, host, date, digest, type or body'],
    ],
  },
  8: { name: 'two digests' },
  9: { name: 'a digest that is written in another way' },
  10: { name: 'a target that is not signed' },
  11: { name: 'a host that is not ours, or not signed' },
  12: {
    name: 'the same request again',
    witnesses: [[HOSTILE, 'again and again > 12. the same request is accepted each time and shown once']],
  },
  13: {
    name: 'times far off, or none',
    witnesses: [[VERIFY, 'a signed POST > a date may differ by an hour either way and no more']],
  },
  14: { name: 'a parameter twice' },
  15: {
    name: 'endless headers',
    witnesses: [
      [
        'activitypub/signatures/cavage-header.test.ts',
        'parseCavageHeader on hostile text > is linear on quotes and commas',
      ],
    ],
  },
  16: { name: 'another algorithm than the key is for' },
  17: {
    name: 'weak keys and forged padding',
    witnesses: [['activitypub/signatures/public-key.test.ts', 'isAcceptableKey > refuses %s']],
  },
  18: {
    name: 'an answer of the verifier that is neither yes nor no',
    witnesses: [[VERIFY, 'a signed POST > is not valid where the verifier answers neither yes nor no: %j']],
  },
  19: { name: 'RFC 9421: two signatures, and labels that differ' },
  20: { name: 'RFC 9421: another target, another body, or none signed' },
  21: { name: 'signatures of both kinds, one of them bad' },
  22: { name: 'other ways to say who one is' },
  23: { name: 'linked-data signatures' },
  24: {
    name: 'a storm of wrong signatures',
    witnesses: [
      [
        HOSTILE,
        'again and again > 24. a storm of wrong signatures in the name of a known actor asks its server once',
      ],
      [
        KEYS,
        'what is asked of the peer for a key that does not fit > a fresh key once in five minutes, whatever a forger does',
      ],
    ],
  },
  25: {
    name: 'a key that cannot be had',
    witnesses: [[HOSTILE, 'again and again > 25. a key that is answered with %i is asked for once']],
  },
  26: { name: 'a key inside a private network', witnesses: [[STRICT, 'as it runs in earnest']] },
  27: { name: 'a key behind another scheme, port or name' },
  28: {
    name: 'a key that another claims',
    witnesses: [
      [KEYS, 'a key does not belong > to a second owner, once another has claimed it'],
      [
        IDENTITY,
        'a key and a signature prove one thing > a key id that a stranger claimed before its owner ever signed',
      ],
    ],
  },
  29: { name: 'a Delete of somebody else' },
  30: { name: 'an Update of somebody else' },
  31: {
    name: 'an Update of another’s note',
    witnesses: [
      [
        CHANGES,
        'an edit and its audience: > one of somebody else’s note changes nothing, of the same server neither',
      ],
      [STAGES, '44. a note under the id of another’s note'],
    ],
  },
  32: {
    name: 'a Delete of another’s note',
    witnesses: [[CHANGES, 'a deletion > by anybody but the author changes nothing, before and after']],
  },
  33: {
    name: 'an Undo of what another did',
    witnesses: [[STAGES, '33. what the victim did stands, however it is undone by another']],
  },
  34: { name: 'an answer to a follow of another' },
  35: { name: 'a note of another author' },
  36: { name: 'a note of another server, told whole' },
  37: { name: 'a document that somebody uploaded', witnesses: [[FETCH, 'what is refused']] },
  38: {
    name: 'an inbox elsewhere',
    witnesses: [
      [STAGES, '38. an actor that says it is reached elsewhere is still reached where it was: > %s'],
      [
        'activitypub/parse-actor.test.ts',
        'any value in any field: no exception, and never an inbox on another host',
      ],
    ],
  },
  39: { name: 'a wider audience for a private note' },
  40: {
    name: 'a note whose Update has another audience',
    witnesses: [
      [STAGES, '40. a direct note'],
      [CHANGES, 'an edit and its audience: > it reaches those who were shown it, and nobody new'],
    ],
  },
  41: {
    name: 'what a blocked server said, by another’s hand',
    witnesses: [
      [STAGES, '41. what a blocked server says'],
      [STAGES, '41. a blocked server'],
      [
        FETCH,
        'whom the administrator refuses is not asked, whoever leads there, and neither are we ourselves',
      ],
    ],
  },
  42: { name: 'a Move that is not agreed', witnesses: [[MOVES, 'a Move']] },
  43: {
    name: 'a Block or a Flag for another',
    witnesses: [
      [MOVES, 'a report > of nobody here is nothing, and a flood of them does not bury the administrators'],
      [
        'activitypub/parse.test.ts',
        'Move and Flag > a report names at most a hundred things and says 5,000 characters',
      ],
    ],
  },
  44: {
    name: 'an id that is another’s',
    witnesses: [
      [STAGES, '44. an id that one actor used before another of its server takes no word from either'],
      [STAGES, '44. a note under the id of another’s note'],
      [
        STAGES,
        '44. an Undo with an id below our actor ends the follow of its signer alone, and takes no id of ours',
      ],
      ['activitypub/name-undo.test.ts', 'nothing else with an id at another host passes: > %s'],
      [CHANGES, 'an id that another used first > hides no note that comes after it'],
    ],
  },
  45: {
    name: 'a Follow of who is not there',
    witnesses: [
      [STAGES, '45. a Follow of who left is refused, wherever it is told'],
      [MOVES, 'nobody follows the gateway itself: who asks is refused, in its own name'],
    ],
  },
  46: {
    name: 'a private note, asked for',
    witnesses: [
      [STAGES, '46. a private note looks to strangers, and to the blocked, like one that never was'],
      [
        IDENTITY,
        'a private note > looks to all but its addressee like one that never was, by every way of asking',
      ],
    ],
  },
  47: { name: 'a private note, asked for by the hand of another' },
  48: { name: 'what concerns nobody here' },
  49: { name: 'hidden recipients' },
  50: {
    name: 'a chat message to several, or of who is blocked',
    witnesses: [[STAGES, '50. a person whom the user blocked']],
  },
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
      [
        AGENT,
        'a name is checked where it leads > a name that changes its mind after the check gains nothing',
      ],
      [
        AGENT,
        'a name is checked where it leads > a name that changes its mind is asked once: where it led then is where the connection goes',
      ],
    ],
  },
  62: {
    name: 'a redirect to a private place, to plain http or to another server',
    witnesses: [
      [FETCH, 'redirects > each place is checked again'],
      [HTTPS, 'a peer with a certificate > may not lead from https to http, even where http is allowed'],
      ['activitypub/strict-redirects.test.ts', 'a redirect of a public server to this machine'],
    ],
  },
  63: {
    name: 'redirects without an end',
    witnesses: [[FETCH, 'redirects > three hops, not four; a loop ends']],
  },
  64: {
    name: 'discovery that leads away',
    witnesses: [
      [FINGER, 'WebFinger > leads to no port but 443 and that of the handle'],
      ['activitypub/look-up.test.ts', 'resolveHandle > refuses an actor that WebFinger does not name itself'],
    ],
  },
  65: {
    name: 'proxies, exceptions and ourselves',
    witnesses: [
      [AGENT, 'variables that name a proxy change nothing'],
      [
        FETCH,
        'whom the administrator refuses is not asked, whoever leads there, and neither are we ourselves',
      ],
      [GUARD, 'a URL of our own is refused, however it is written; another port is another server'],
    ],
  },
  66: {
    name: 'line ends and zeros in names',
    witnesses: [
      [FINGER, 'WebFinger > quotes what a name may hold'],
      [ANSWERS, 'what a URL carries > %j becomes one request without a header of its own'],
    ],
  },
  67: {
    name: 'an answer byte by byte',
    witnesses: [
      [
        FETCH,
        'whom it is refused to wait for, or to visit > a host that is slow: before the headers, or byte by byte',
      ],
      [ANSWERS, 'an answer that does not end'],
      [INBOX, 'a body that never ends is cut'],
      [
        'activitypub/server-figures.test.ts',
        'who is slow is hung up on > with a body byte by byte: that is said, and nothing of it is looked at',
      ],
    ],
  },
  68: {
    name: 'bodies that are too large, packed or not',
    witnesses: [
      [FETCH, 'what is refused > more than 1 MiB, told or not, packed or not'],
      [ANSWERS, 'a length that is not true'],
      ['activitypub/read-body.test.ts', 'stops an endless body soon after its limit'],
    ],
  },
  69: {
    name: 'certificates that do not fit',
    witnesses: [[HTTPS, 'a peer with a certificate > %s is asked for nothing']],
  },
  70: { name: 'HTML where a document was asked for', witnesses: [[FETCH, 'what is refused']] },
  71: {
    name: 'a thousand names of one domain',
    witnesses: [
      ['activitypub/rate-limit.test.ts', '%s is counted as %s'],
      [KEYS, 'what is kept of an actor > not for more than 300 new keys of one host in a minute'],
      [
        'activitypub/rate-limit.test.ts',
        'over any stretch no more than the burst and the refill get through',
      ],
    ],
  },
  72: { name: 'collections without an end' },
  73: { name: 'a context to be fetched' },
  74: {
    name: 'a picture that is expensive',
    witnesses: [
      [PICTURES, 'a picture of ours, or of whom the administrator refuses, is not asked for'],
      [PICTURES, 'what is too large, also after it was unpacked, is left'],
      ['integration/pictures.test.ts', 'a picture that never ends does not hold the card up'],
    ],
  },
  75: {
    name: 'hosts that look alike',
    witnesses: [
      ['activitypub/json-fields.test.ts', 'hosts are compared with their port, in lower case, as A-labels'],
      [GUARD, 'checkUrl'],
    ],
  },
  76: {
    name: 'depth and numbers',
    witnesses: [
      ['activitypub/parse-note.test.ts', 'who is addressed > 500 in all'],
      ['activitypub/parse-note.test.ts', 'tags and attachments > 200 tags and 16 files at most'],
    ],
  },
  77: { name: 'a name twice' },
  78: {
    name: 'the prototype',
    witnesses: [['activitypub/json-fields.test.ts', 'readField sees own properties only']],
  },
  79: {
    name: 'wrong types everywhere',
    witnesses: [
      [STAGES, '79. what fails again and again is set aside, and the others go on'],
      ['activitypub/corpus.test.ts', 'hostile bodies'],
    ],
  },
  80: { name: 'text that is none' },
  81: { name: 'numbers that are none' },
  82: { name: 'a body over the limit', witnesses: [[INBOX, 'a body %s is 413 before anything else']] },
  83: {
    name: 'too many requests',
    witnesses: [
      [LIMITS, 'an inbox > takes from an actor a fifth of what it takes from a host, wherever it comes from'],
      [LIMITS, 'an inbox > counts the actors of a host together, from however many addresses they come'],
      [LIMITS, 'an inbox > counts a client behind the proxy, and stops it before its signature is looked at'],
      [
        'activitypub/server-figures.test.ts',
        'connections > above the most there may be are hung up on; when one is over, another is served',
      ],
      [FLOODS, 'a flood of notes of one actor is stopped at 600 in a minute; a chat with another goes on'],
    ],
  },
  84: {
    name: 'names that are too long',
    witnesses: [
      [STAGES, '84. what is too long'],
      [
        FLOODS,
        'what does not fit into the database > ids that are longer than an index can hold are refused, not stumbled over',
      ],
      ['activitypub/parse-actor.test.ts', 'parseActor is strict > cuts what is too long'],
      ['activitypub/parse-note.test.ts', 'the text and its language > long texts are cut'],
    ],
  },
  85: { name: 'signs that mean something to a database' },
  86: { name: 'text that is hard to clean', witnesses: [[FUZZ, 'a short run']] },
  87: {
    name: 'many different activities of one kind, by one or by many new actors',
    witnesses: [
      [LIMITS, 'an inbox > takes from an actor a fifth of what it takes from a host, wherever it comes from'],
      [KEYS, 'of a site whose every actor is new, 300 in a minute are let in; others are not held up'],
    ],
  },
};
