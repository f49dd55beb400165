import { parseNodeInfo } from '@fedify/fedify/nodeinfo';
import { expect, test } from 'vitest';
import {
  nodeInfoType,
  renderHostMetaJson,
  renderHostMetaXml,
  renderInstanceWebfinger,
  renderNodeInfo,
  renderNodeInfoLinks,
  renderWebfinger,
} from '../../src/activitypub/render-discovery.ts';
import { alice, DOMAIN, urls } from './server-fixture.ts';

const software = { version: '0.1.0', domain: DOMAIN, homepage: 'https://ap.example/' };
const usage = { total: 5, activeMonth: 2, activeHalfyear: 4 };

test('a user is found under the canonical subject, and nothing names the JID', () => {
  const document = renderWebfinger(urls, { domain: DOMAIN }, alice);
  expect(document).toEqual({
    subject: 'acct:alice@ap.example',
    aliases: ['https://ap.example/@alice', 'https://ap.example/u/alice1'],
    links: [
      {
        rel: 'http://webfinger.net/rel/profile-page',
        type: 'text/html',
        href: 'https://ap.example/@alice',
      },
      { rel: 'self', type: 'application/activity+json', href: 'https://ap.example/u/alice1' },
    ],
  });
});

test('the gateway is found as itself', () => {
  expect(renderInstanceWebfinger(urls, DOMAIN)).toMatchObject({
    subject: 'acct:ap.example@ap.example',
    links: expect.arrayContaining([
      { rel: 'self', type: 'application/activity+json', href: 'https://ap.example/actor' },
    ]),
  });
});

test('both forms of host-meta hold the same template', () => {
  const template = 'https://ap.example/.well-known/webfinger?resource={uri}';
  expect(renderHostMetaXml(urls)).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
      '<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">\n' +
      `  <Link rel="lrdd" type="application/jrd+json" template="${template}"/>\n` +
      '</XRD>\n',
  );
  expect(renderHostMetaJson(urls)).toEqual({
    links: [{ rel: 'lrdd', type: 'application/jrd+json', template }],
  });
});

test('the links of NodeInfo lead to both versions', () => {
  expect(JSON.stringify(renderNodeInfoLinks(urls))).toContain('"href":"https://ap.example/nodeinfo/2.1"');
  expect(nodeInfoType('2.0')).toContain('profile="http://nodeinfo.diaspora.software/ns/schema/2.0#"');
});

test.each(['2.0', '2.1'] as const)('Fedify reads NodeInfo %s', (version) => {
  const document = renderNodeInfo(version, software, usage);
  expect(document).toMatchObject({ version });
  const read = parseNodeInfo(document);
  expect(read?.software).toMatchObject({ name: 'causeway', version: '0.1.0' });
  expect(read?.protocols).toEqual(['activitypub', 'xmpp']);
  expect(read?.services?.outbound).toEqual(['xmpp']);
  expect(read?.usage).toMatchObject({ users: usage, localPosts: 0 });
  expect(read?.openRegistrations).toBe(false);
});

test('the homepage is a word of 2.1 only', () => {
  expect(renderNodeInfo('2.0', software, usage)['software']).not.toHaveProperty('homepage');
  expect(renderNodeInfo('2.1', software, usage)['software']).toHaveProperty('homepage');
  expect(renderNodeInfo('2.1', software, usage)['software']).not.toHaveProperty('repository');
  const published = { ...software, repository: 'https://forge.example/causeway' };
  expect(renderNodeInfo('2.0', published, usage)['software']).not.toHaveProperty('repository');
  expect(renderNodeInfo('2.1', published, usage)['software']).toMatchObject({
    repository: 'https://forge.example/causeway',
  });
});
