import { describe, expect, test } from 'vitest';
import { messageBase } from '../../../src/activitypub/signatures/message-base.ts';
import { readDictionary, readInnerList } from '../../../src/activitypub/signatures/structured-field.ts';

const REQUEST: Parameters<typeof messageBase>[0] = { method: 'POST', target: '/foo', headers: [] };

const baseOf = (input: string, request = REQUEST): string => {
  const parsed = readDictionary(`sig=${input}`, readInnerList);
  const list = parsed.ok ? parsed.value.get('sig') : undefined;
  if (list === undefined) return 'unreadable';
  const base = messageBase(request, 'https://example.com', list);
  return base.ok ? base.value : base.problem;
};

describe('components', () => {
  test('the target, its query empty or not there', () => {
    const input = '("@target-uri" "@request-target" "@path" "@query")';
    expect(
      baseOf(input, { ...REQUEST, target: '/a%20b?' })
        .split('\n')
        .slice(0, 4),
    ).toEqual([
      '"@target-uri": https://example.com/a%20b?',
      '"@request-target": /a%20b?',
      '"@path": /a%20b',
      '"@query": ?',
    ]);
    expect(baseOf('("@query")', { ...REQUEST, target: '/' })).toContain('"@query": ?\n');
  });

  test('a field that comes twice is joined, in the order of arrival', () => {
    const headers = [
      ['x-a', ' one '],
      ['x-b', 'between'],
      ['x-a', 'two'],
    ] as const;
    expect(baseOf('("x-a")', { ...REQUEST, headers })).toContain('"x-a": one, two\n');
  });

  test('another form of target than a path is refused', () => {
    expect(baseOf('("@method")', { ...REQUEST, target: 'https://evil.example/' })).toContain('no path');
  });
});
