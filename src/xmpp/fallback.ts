import { attrOf, childrenOf, type Element, elementsOf } from './element.ts';
import { NS } from './namespaces.ts';

/** More ranges than any client marks; later ones are left in the text. */
const MAX_RANGES = 16;
const POSITION = /^\d{1,7}$/u;

type Range = { readonly start: number; readonly end: number };

/**
 * The body without the parts that stand in for a feature which was understood (XEP-0428). `understood` names
 * those features by namespace: a fallback for anything else is the only thing that a reader will get to see.
 * Positions count code points (XEP-0426). Undefined when nothing is left.
 */
export const stripFallback = (
  element: Element,
  body: string | undefined,
  understood: Readonly<Record<string, boolean>>,
): string | undefined => {
  if (body === undefined) return undefined;
  const ranges = childrenOf(element, 'fallback', NS.fallback)
    .filter((fallback) => isUnderstood(understood, attrOf(fallback, 'for')))
    .slice(0, MAX_RANGES)
    .flatMap(parseRanges)
    .slice(0, MAX_RANGES);
  if (ranges.length === 0) return body;
  const kept = [...body].filter(
    (_, index) => !ranges.some((range) => index >= range.start && index < range.end),
  );
  return kept.join('') || undefined;
};

const isUnderstood = (understood: Readonly<Record<string, boolean>>, feature: string | undefined): boolean =>
  feature !== undefined && Object.hasOwn(understood, feature) && understood[feature] === true;

const WHOLE: Range = { start: 0, end: Number.POSITIVE_INFINITY };

/** XEP-0428 3: no child, or a `body` without positions, means the whole body; a `subject` is not our concern. */
const parseRanges = (fallback: Element): readonly Range[] => {
  const parts = elementsOf(fallback);
  if (parts.length === 0) return [WHOLE];
  return childrenOf(fallback, 'body', NS.fallback).flatMap((part) => {
    const start = attrOf(part, 'start');
    const end = attrOf(part, 'end');
    if (start === undefined && end === undefined) return [WHOLE];
    if (!POSITION.test(start ?? '0') || (end !== undefined && !POSITION.test(end))) return [];
    return [{ start: Number(start ?? 0), end: end === undefined ? WHOLE.end : Number(end) }];
  });
};
