import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCavageHeader } from '../../../src/activitypub/signatures/cavage-header.ts';
import { quickest } from '../../support/quickest.ts';

const GOOD =
  'keyId="https://m.example/u/a#main-key",algorithm="rsa-sha256",headers="(request-target) host date",signature="AAAA"';

describe('parseCavageHeader', () => {
  test('reads what a server sends', () => {
    expect(parseCavageHeader(GOOD)).toEqual({
      ok: true,
      value: {
        keyId: 'https://m.example/u/a#main-key',
        algorithm: 'rsa-sha256',
        names: ['(request-target)', 'host', 'date'],
        signature: Buffer.from([0, 0, 0]),
        created: undefined,
        expires: undefined,
      },
    });
  });

  test('reads times, spaces between parameters and names in capitals', () => {
    const parsed = parseCavageHeader(
      ' keyId="k" , created=1, expires=20 ,algorithm="hs2019",headers="(created) Host",signature="AA=="',
    );
    expect(parsed).toMatchObject({
      value: { created: 1, expires: 20, names: ['(created)', 'host'], algorithm: 'hs2019' },
    });
  });

  test('takes `date` where no headers are named', () => {
    expect(parseCavageHeader('keyId="k",signature="AA=="')).toMatchObject({
      value: { names: ['date'], algorithm: undefined },
    });
  });
});

describe('parseCavageHeader refuses', () => {
  test.each([
    ['nothing', ''],
    ['keyId twice', `${GOOD},keyId="https://evil.example/k"`],
    ['signature twice', `${GOOD},signature="BBBB"`],
    ['an unterminated quote', 'keyId="k,signature="AA=='],
    ['an unterminated quote at the end', 'signature="AA==",keyId="k'],
    ['a backslash in quotes', 'keyId="k\\"",signature="AA=="'],
    ['no comma', 'keyId="k" signature="AA=="'],
    ['no equals sign', 'keyId,signature="AA=="'],
    ['no keyId', 'signature="AA=="'],
    ['an empty keyId', 'keyId="",signature="AA=="'],
    ['a keyId that is too long', `keyId="${'k'.repeat(2049)}",signature="AA=="`],
    ['no signature', 'keyId="k"'],
    ['a signature that is not base64', 'keyId="k",signature="<>"'],
    ['a signature that is too long', `keyId="k",signature="${'A'.repeat(1369)}"`],
    ['algorithm none', 'keyId="k",algorithm="none",signature="AA=="'],
    ['an HMAC', 'keyId="k",algorithm="hmac-sha256",signature="AA=="'],
    ['21 signed headers', `keyId="k",headers="${'a '.repeat(20)}b",signature="AA=="`],
    ['10,000 signed headers', `keyId="k",headers="${'a '.repeat(10_000)}b",signature="AA=="`],
    ['a signed header twice', 'keyId="k",headers="host Host",signature="AA=="'],
    ['two spaces', 'keyId="k",headers="host  date",signature="AA=="'],
    ['a negative time', 'keyId="k",created=-1,signature="AA=="'],
    ['a time with an exponent', 'keyId="k",created=1e308,signature="AA=="'],
    ['a time that is text', 'keyId="k",expires="soon",signature="AA=="'],
    ['64 KB', `${GOOD},x="${'y'.repeat(65_536)}"`],
    ['an RFC 9421 signature', 'sig1=:AAAA:'],
    ['17 parameters', `${GOOD},${[...'abcdefghijklmnopq'].map((name) => `${name}=1`).join(',')}`],
  ])('%s', (_, header) => {
    expect(parseCavageHeader(header).ok).toBe(false);
  });
});

describe('parseCavageHeader on hostile text', () => {
  test('never throws', () => {
    const piece = fc.constantFrom('keyId', '"', '=', ',', ' ', '\\', '(', 'headers="', 'signature="AA"', 'x');
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.array(piece, { maxLength: 400 })), (input) => {
        const text = typeof input === 'string' ? input : input.join('');
        expect(parseCavageHeader(text)).toHaveProperty('ok');
      }),
    );
  });

  test('is linear on quotes and commas', () => {
    const readAll = (): void => {
      for (const unit of ['"', ',', '=', ' ', 'a=', 'a="', 'a="",', '\t'])
        parseCavageHeader(unit.repeat(Math.floor(8192 / unit.length)));
    };
    expect(quickest(50, readAll)).toBeLessThan(50);
  });
});
