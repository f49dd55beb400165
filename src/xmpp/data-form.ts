import { xml } from '@xmpp/component';
import { attrOf, childOf, childrenOf, type Element, textOf } from './element.ts';
import { NS } from './namespaces.ts';

/** XEP-0004 3.2, as much of it as is shown here: one line of text, one line that says something, one that is hidden. */
export type Field = {
  readonly name: string;
  readonly type: 'text-single' | 'fixed' | 'hidden' | 'jid-single' | 'list-multi' | 'text-multi';
  readonly label?: string;
  readonly values?: readonly string[];
};

const renderField = ({ name, type, label, values = [] }: Field): Element =>
  xml('field', { var: name, type, label }, ...values.map((value) => xml('value', {}, value)));

const formTypeField = (formType: string): Field => ({
  name: 'FORM_TYPE',
  type: 'hidden',
  values: [formType],
});

/** A form to be filled in, or (`result`) one that only says something. */
export const renderForm = (form: {
  readonly kind: 'form' | 'result';
  readonly formType: string;
  readonly title?: string;
  readonly instructions?: string;
  readonly fields: readonly Field[];
}): Element =>
  xml(
    'x',
    { xmlns: NS.dataForms, type: form.kind },
    form.title === undefined ? undefined : xml('title', {}, form.title),
    form.instructions === undefined ? undefined : xml('instructions', {}, form.instructions),
    ...[formTypeField(form.formType), ...form.fields].map(renderField),
  );

/** A table: the columns, then each row's values by the column's name (XEP-0004 3.4). */
export const renderTable = (table: {
  readonly formType: string;
  readonly columns: readonly Field[];
  readonly rows: readonly Readonly<Record<string, string>>[];
}): Element =>
  xml(
    'x',
    { xmlns: NS.dataForms, type: 'result' },
    renderField(formTypeField(table.formType)),
    xml('reported', {}, ...table.columns.map(renderField)),
    ...table.rows.map((row) =>
      xml(
        'item',
        {},
        ...table.columns.map(({ name }) => xml('field', { var: name }, xml('value', {}, row[name] ?? ''))),
      ),
    ),
  );

const MAX_FIELDS = 50;

/** The first value of each field of a form that was filled in; undefined where there is none. */
export const readSubmittedForm = (parent: Element): ReadonlyMap<string, string> | undefined => {
  const form = childOf(parent, 'x', NS.dataForms);
  if (form === undefined || attrOf(form, 'type', 20) !== 'submit') return undefined;
  const fields = childrenOf(form, 'field', NS.dataForms).slice(0, MAX_FIELDS);
  return new Map(
    fields.flatMap((field) => {
      const name = attrOf(field, 'var');
      const value = childOf(field, 'value', NS.dataForms);
      return name === undefined || value === undefined ? [] : [[name, textOf(value)] as const];
    }),
  );
};
