const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A piece of HTML that is safe as it stands. */
export type Html = { readonly html: string };

/** Text as HTML, right as element content and between quotes as attribute. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/gu, (char) => ENTITIES[char] ?? '');

const renderPart = (part: string | Html | readonly Html[]): string => {
  if (typeof part === 'string') return escapeHtml(part);
  return 'html' in part ? part.html : part.map(({ html: inner }) => inner).join('');
};

/** Template tag: what is put in is escaped, unless it was made by this tag itself. */
export const html = (
  literals: TemplateStringsArray,
  ...parts: readonly (string | Html | readonly Html[])[]
): Html => ({
  html: literals.reduce((text, literal, i) => {
    const part = parts[i - 1];
    return text + (part === undefined ? '' : renderPart(part)) + literal;
  }, ''),
});
