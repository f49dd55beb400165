import { expect, test } from 'vitest';
import { findJidDomains } from '../src/app-handles.ts';
import { done, type Outcome, refuse } from '../src/bridge/outcome.ts';
import { urlsOf } from '../src/bridge/urls.ts';

const urls = urlsOf('https://ap.example');
const ours = { subject: 'acct:ap.example@ap.example', links: [{ rel: 'self', href: urls.instanceActor }] };

const look = async (answer: Outcome<unknown>) => {
  const found: string[] = [];
  const logged: string[] = [];
  const asked: string[] = [];
  const stop = new AbortController();
  // A second look would come after seconds; here nothing changes until then.
  const log = (event: string, fields?: object) => void logged.push(`${event} ${JSON.stringify(fields)}`);
  const looking = findJidDomains({
    homeDomains: ['xmpp.example'],
    urls,
    getJson: async (url) => {
      asked.push(url);
      return answer.ok ? done({ url, json: answer.value }) : answer;
    },
    log: { info: log, warn: log },
    add: (domain) => void found.push(domain),
    signal: stop.signal,
    pauseMs: 0,
  });
  await looking;
  return { found, logged, asked };
};

test('a domain whose web server leads here has handles of its own', async () => {
  const { found, asked } = await look(done(ours));
  expect(found).toEqual(['xmpp.example']);
  expect(asked).toEqual([
    'https://xmpp.example/.well-known/webfinger?resource=https%3A%2F%2Fap.example%2Factor',
  ]);
});

test.each<[string, Outcome<unknown>]>([
  ['answers nothing', refuse('host-unreachable')],
  ['leads elsewhere', done({ links: [{ rel: 'self', href: 'https://other.example/actor' }] })],
  ['says something else', done([1])],
  ['says nothing', done(null)],
])('one that %s has not, and a warning says what is missing', async (_, answer) => {
  const { found, logged, asked } = await look(answer);
  expect(found).toEqual([]);
  expect(asked).toHaveLength(3);
  expect(logged.join()).toMatch(/handle-is-jid-off .*Let the web server of xmpp\.example forward/u);
});
