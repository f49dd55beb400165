import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { LocalActor } from '../../src/bridge/actor.ts';
import { createPages } from '../../src/web/pages.ts';

const site = { domain: 'ap.example', origin: 'https://ap.example', contact: undefined };
const alice: LocalActor = {
  id: 'alice1',
  jid: 'secret.jid@xmpp.example',
  name: 'alice',
  displayName: 'Alice',
  state: 'active',
  createdAt: '2026-11-21T00:00:00.000Z',
};

const pages = createPages(site);
const all = [
  ['landing', pages.landing()],
  ['profile', pages.profile(alice)],
  ['message', pages.message('Gone', 'This account was deleted.')],
] as const;

test.each(all)(
  'the %s page names its language, its coding and its title, and runs nothing',
  (_name, page) => {
    expect(page).toMatch(/^<!doctype html>\n<html lang="en">/u);
    expect(page).toContain('<meta charset="utf-8">');
    expect(page).toMatch(/<title>[^<]+<\/title>/u);
    expect(page).not.toMatch(/<script|<img|<link rel="?stylesheet|\son\w+=|\sstyle=/u);
  },
);

test.each(all)('the policy allows the style of the %s page and nothing else', (_name, page) => {
  const styles = [...page.matchAll(/<style>([\s\S]*?)<\/style>/gu)].map(([, style = '']) => style);
  expect(styles).toHaveLength(1);
  const hash = createHash('sha256')
    .update(styles[0] ?? '')
    .digest('base64');
  expect(pages.contentSecurityPolicy).toContain(`style-src 'sha256-${hash}'`);
  expect(pages.contentSecurityPolicy).toMatch(/^default-src 'none'; img-src 'self'; base-uri 'none'; /u);
});

test('a profile says who it is, how to write, how to block, and where its document is', () => {
  const page = pages.profile(alice);
  expect(page).toContain('<h1>Alice</h1>');
  expect(page).toContain('@alice@ap.example');
  expect(page).toContain('reached over XMPP, through the gateway ap.example');
  expect(page).toMatch(/How to write[\s\S]+private post/u);
  expect(page).toMatch(/How to block[\s\S]+Block <code>@alice@ap\.example/u);
  expect(page).toContain(
    '<link rel="alternate" type="application/activity+json" href="https://ap.example/u/alice1">',
  );
});

test('no page names a JID', () => {
  for (const [, page] of all) expect(page).not.toMatch(/secret\.jid|xmpp\.example/u);
});

test('a hostile name stays a name', () => {
  const page = pages.profile({ ...alice, displayName: '</title><script>alert(1)</script>"\'&' });
  expect(page).not.toContain('<script');
  expect(page).toContain('&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;');
});

test('a profile shows picture and words where the person wants it, as text', () => {
  const page = pages.profile({ ...alice, bio: 'I like <b>bridges</b>.\nAnd "tea".', picture: 'abc' });
  expect(page).toContain('<img class="picture" src="https://ap.example/media/abc.png"');
  expect(page).toContain('<p class="bio">I like &lt;b&gt;bridges&lt;/b&gt;.\nAnd &quot;tea&quot;.</p>');
  expect(pages.profile(alice)).not.toMatch(/<img|class="bio"/u);
});

test.each([
  ['admin@xmpp.example', '<a href="mailto:admin@xmpp.example">admin@xmpp.example</a>'],
  ['https://xmpp.example/?a&b', '<a href="https://xmpp.example/?a&amp;b">https://xmpp.example/?a&amp;b</a>'],
  ['ask at the <desk>', 'ask at the &lt;desk&gt;'],
  ['javascript:alert(1)@x', 'javascript:alert(1)@x'],
])('the contact %s becomes %s', (contact, shown) => {
  expect(createPages({ ...site, contact }).landing()).toContain(`reports: ${shown}<`);
});

test('without a contact none is promised', () => {
  expect(pages.landing()).not.toContain('Who runs this');
});
