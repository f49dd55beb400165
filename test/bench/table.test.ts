import { expect, test } from 'vitest';
import { renderTable } from '../../bench/table.ts';

test('names stand to the left, numbers to the right', () => {
  expect(
    renderTable(
      ['what', 'n'],
      [
        ['in', '7'],
        ['outbound', '1234'],
      ],
    ),
  ).toBe(['what         n', '--------  ----', 'in           7', 'outbound  1234'].join('\n'));
});

test('a short row ends early, without spaces behind it', () => {
  expect(renderTable(['a', 'b', 'c'], [['x']])).toBe(['a  b  c', '-  -  -', 'x'].join('\n'));
});
