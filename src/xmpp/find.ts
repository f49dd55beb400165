import { xml } from '@xmpp/component';
import type { Outcome, Refusal } from '../bridge/outcome.ts';
import type { StanzaError } from '../bridge/stanza.ts';
import { addresseeOf } from './addressee.ts';
import { type Field, readSubmittedForm, renderForm, renderTable } from './data-form.ts';
import { childOf, type Element, textOf } from './element.ts';
import { type IqHandler, type IqReply, type IqRequest, iqError } from './iq.ts';
import { NS } from './namespaces.ts';

/** Somebody who was found: the canonical bare JID, and a name with the handle in it. */
export type FoundPerson = { readonly jid: string; readonly name: string };

export type FindDeps = {
  /** The component's own JID. */
  readonly domain: string;
  /** Finds whom somebody means by what they typed; undefined where it can mean nobody. */
  readonly findTyped: (asker: string, text: string) => Promise<Outcome<FoundPerson> | undefined>;
  readonly toError: (refusal: Refusal, lang: string | undefined) => StanzaError;
};

const INSTRUCTIONS =
  'Type the handle of a person in the Fediverse, such as @bob@mastodon.example, or the address of their profile page.';
const PROMPT = 'Handle';

const mistyped = iqError(
  'jid-malformed',
  'modify',
  'This is not a handle. Please type it like @bob@mastodon.example, or paste the address of a profile page.',
);
const elsewhere = iqError('service-unavailable', 'cancel', 'Please ask the gateway itself.');

/** XEP-0100 6: clients ask for an address in the words of the other network. XEP-0055: they search for people. */
export const findHandlers = (deps: FindDeps): readonly IqHandler[] => {
  const atGateway =
    (answer: (request: IqRequest) => IqReply | Promise<IqReply>): IqHandler['answer'] =>
    (request) =>
      addresseeOf(deps.domain, request.to).kind === 'gateway' ? answer(request) : elsewhere;
  const prompt = { name: 'query', namespace: NS.gateway } as const;
  const search = { name: 'query', namespace: NS.search } as const;
  return [
    { ...prompt, type: 'get', answer: atGateway(() => ({ kind: 'result', payload: renderPrompt() })) },
    { ...prompt, type: 'set', answer: atGateway((request) => answerPrompt(deps, request)) },
    { ...search, type: 'get', answer: atGateway(() => ({ kind: 'result', payload: renderSearchForm() })) },
    { ...search, type: 'set', answer: atGateway((request) => answerSearch(deps, request)) },
  ];
};

const renderPrompt = (): Element =>
  xml('query', { xmlns: NS.gateway }, xml('desc', {}, INSTRUCTIONS), xml('prompt', {}, PROMPT));

const answerPrompt = async (deps: FindDeps, { payload, fromBare, lang }: IqRequest): Promise<IqReply> => {
  const typed = childOf(payload, 'prompt', NS.gateway);
  const found = await deps.findTyped(fromBare, typed === undefined ? '' : textOf(typed));
  if (found === undefined) return mistyped;
  if (!found.ok) return { kind: 'error', error: deps.toError(found.refusal, lang) };
  const { jid } = found.value;
  // COMPAT older clients read the address where they typed the name (XEP-0100 before 1.0).
  return {
    kind: 'result',
    payload: xml('query', { xmlns: NS.gateway }, xml('jid', {}, jid), xml('prompt', {}, jid)),
  };
};

const HANDLE_FIELD: Field = { name: 'nick', type: 'text-single', label: PROMPT };

const renderSearchForm = (): Element =>
  xml(
    'query',
    { xmlns: NS.search },
    xml('instructions', {}, INSTRUCTIONS),
    xml('nick'),
    renderForm({
      kind: 'form',
      formType: NS.search,
      title: 'Find somebody in the Fediverse',
      instructions: INSTRUCTIONS,
      fields: [HANDLE_FIELD],
    }),
  );

const COLUMNS: readonly Field[] = [
  { name: 'jid', type: 'jid-single', label: 'Address' },
  { name: 'nick', type: 'text-single', label: 'Name' },
];

/** Who is not there is no error but an empty list (XEP-0055 2.1); of our own users none is ever listed. */
const answerSearch = async (deps: FindDeps, { payload, fromBare, lang }: IqRequest): Promise<IqReply> => {
  const form = readSubmittedForm(payload);
  const plain = childOf(payload, 'nick', NS.search);
  const typed = form?.get('nick') ?? (plain === undefined ? '' : textOf(plain));
  const found = await deps.findTyped(fromBare, typed);
  if (found === undefined) return mistyped;
  if (!found.ok && !NOBODY.has(found.refusal.reason)) {
    return { kind: 'error', error: deps.toError(found.refusal, lang) };
  }
  const people = found.ok ? [found.value] : [];
  return { kind: 'result', payload: renderFound(people, form !== undefined) };
};

const NOBODY: ReadonlySet<Refusal['reason']> = new Set(['not-found', 'gone']);

const renderFound = (people: readonly FoundPerson[], asForm: boolean): Element =>
  xml(
    'query',
    { xmlns: NS.search },
    ...(asForm
      ? [
          renderTable({
            formType: NS.search,
            columns: COLUMNS,
            rows: people.map(({ jid, name }) => ({ jid, nick: name })),
          }),
        ]
      : people.map(({ jid, name }) => xml('item', { jid }, xml('nick', {}, name)))),
  );
