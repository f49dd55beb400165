import { xml } from '@xmpp/component';
import { expect, test } from 'vitest';
import type { Element } from '../../src/xmpp/element.ts';
import { createRoundtrips } from '../../src/xmpp/roundtrips.ts';
import { parseXml } from '../support/xml.ts';

const DOMAIN = 'ap.test';
const ALICE = 'alice@xmpp.test';

const open = (isUp = true) => {
  const written: Element[] = [];
  const write = (iq: Element): boolean => {
    written.push(iq);
    return isUp;
  };
  const roundtrips = createRoundtrips({ domain: DOMAIN, prefix: 'rt', write });
  const idOf = (): string => written.at(-1)?.attrs['id'] ?? '';
  const comeIn = (from: string, type = 'result'): boolean =>
    roundtrips.takeBack(parseXml(`<iq type='${type}' id='${idOf()}' from='${from}' to='${DOMAIN}'/>`));
  const ask = (timeoutMs = 60_000) =>
    roundtrips.question({ type: 'get', to: ALICE, payload: xml('vCard') }, timeoutMs);
  return { roundtrips, written, comeIn, ask };
};

test('a question has the answer of who was asked, and of nobody else', async () => {
  const { written, comeIn, ask } = open();
  const answer = ask();
  expect(written[0]?.toString()).toBe(
    `<iq type="get" id="rt-1" from="${DOMAIN}" to="${ALICE}"><vCard/></iq>`,
  );
  for (const other of ['eve@xmpp.test', `${ALICE}/x`, 'xmpp.test', DOMAIN]) expect(comeIn(other)).toBe(false);
  expect(comeIn(ALICE, 'get')).toBe(false);
  expect(comeIn(ALICE)).toBe(true);
  expect((await answer)?.attrs['type']).toBe('result');
  expect(comeIn(ALICE)).toBe(false);
});

test('an error is an answer; silence, an end and a stream that is away are none', async () => {
  const { roundtrips, comeIn, ask } = open();
  const refused = ask();
  comeIn(ALICE, 'error');
  expect((await refused)?.attrs['type']).toBe('error');
  expect(await ask(1)).toBeUndefined();
  const abandoned = ask();
  roundtrips.abandon();
  expect(await abandoned).toBeUndefined();
  expect(await open(false).ask()).toBeUndefined();
});

test('an echo is back as the question that it was', async () => {
  const { roundtrips, comeIn } = open();
  const echo = roundtrips.ask(60_000);
  expect(comeIn(ALICE)).toBe(false);
  expect(comeIn(DOMAIN, 'get')).toBe(true);
  expect(await echo).toBe(true);
});
