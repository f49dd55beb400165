import type { Note } from './activity.ts';
import { type MessageFacts, noteToText, pageOf, stampOf } from './note-to-message.ts';
import { noTextMark, retractedText } from './sentences.ts';
import type { OutgoingMessage } from './stanza.ts';

/**
 * By what two versions of a note are compared: the text without the marks that the gateway puts under it. Servers
 * send an Update for many reasons (a vote, a preview of a link); only a change of this is shown.
 */
export const comparableText = (note: Note, selfHrefs: readonly string[]): string =>
  noteToText(note, { selfHrefs, visibility: 'direct', others: [] });

export type CorrectionFacts = Omit<MessageFacts, 'stanzaId'> & {
  readonly id: string;
  /** The stanza that held the first version; undefined where it held no text: then this is a message of its own. */
  readonly replaces: string | undefined;
};

/** An edited note as a correction (XEP-0308): the whole new text, naming the first version (XEP-0308 3). */
export const noteToCorrection = (note: Note, facts: CorrectionFacts): OutgoingMessage => {
  const text = noteToText(note, facts);
  return {
    kind: 'message',
    type: 'chat',
    from: facts.from,
    to: facts.to,
    publishedAt: stampOf(note.updated, facts.acceptedAt),
    id: facts.id,
    // An empty body would be read as a retraction by some clients.
    body: text === '' ? noTextMark(pageOf(note)) : text,
    ...(note.language === undefined ? {} : { lang: note.language }),
    ...(facts.replyTo === undefined ? {} : { replyTo: facts.replyTo }),
    ...(facts.replaces === undefined ? {} : { replaces: facts.replaces }),
  };
};

export type RetractionFacts = Pick<MessageFacts, 'from' | 'to' | 'acceptedAt'> & {
  readonly id: string;
  readonly retracts: string;
};

/** A deleted note as a retraction (XEP-0424 4.1): one for each stanza that was shown of it. */
export const toRetraction = ({ from, to, id, retracts, acceptedAt }: RetractionFacts): OutgoingMessage => ({
  kind: 'message',
  type: 'chat',
  from,
  to,
  publishedAt: acceptedAt,
  id,
  body: retractedText(),
  retracts,
});
