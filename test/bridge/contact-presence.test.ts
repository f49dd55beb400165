import { expect, test } from 'vitest';
import { contactPresence } from '../../src/bridge/contact-presence.ts';
import { countCodePoints } from '../../src/bridge/text.ts';

const bob = {
  name: 'Bob',
  handle: { user: 'bob', host: 'social.example' },
  summary: undefined,
  icon: undefined,
};

test('name and handle, the profile as one line, and that there is no picture', () => {
  const summary = '<p>Cats &amp; <b>trains</b>.</p><p>Berlin</p>';
  expect(contactPresence({ ...bob, summary }, undefined)).toEqual({
    nick: 'Bob (@bob@social.example)',
    status: expect.stringMatching(/^Cats & \*?trains\*?\. Berlin$/u),
    photo: '',
  });
});

test('a picture that is not known yet is not denied, one that is known is named', () => {
  const withIcon = { ...bob, icon: 'https://social.example/bob.png' };
  expect(contactPresence(withIcon, undefined)).not.toHaveProperty('photo');
  expect(contactPresence(withIcon, 'abc')).toMatchObject({ photo: 'abc' });
  expect(contactPresence(bob, undefined)).toEqual({ nick: 'Bob (@bob@social.example)', photo: '' });
});

test('a long profile is cut, and a hostile one stays a line', () => {
  const { status = '' } = contactPresence(
    { ...bob, summary: `<p>\u202e${'😀 word\n'.repeat(2_000)}</p><script>x</script>` },
    undefined,
  );
  expect(countCodePoints(status)).toBeLessThanOrEqual(140);
  expect(status).toMatch(/…$/u);
  expect(status).not.toMatch(/[\n\u202e]/u);
});
