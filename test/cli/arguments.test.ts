import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseArguments, USAGE } from '../../src/cli/arguments.ts';

const invoked = (line: string): unknown => {
  const parsed = parseArguments(line === '' ? [] : line.split(' '));
  return parsed.ok ? parsed.value : parsed.problem;
};

test.each(['run', 'doctor', 'migrate', 'status'])('%s is a command', (name) => {
  const command = { kind: 'command', command: { name }, configPath: undefined, json: false };
  expect(invoked(name)).toEqual(command);
  expect(invoked(`--json ${name} --config a.yaml`)).toEqual({ ...command, configPath: 'a.yaml', json: true });
  expect(invoked(`${name} --config=a.yaml`)).toEqual({ ...command, configPath: 'a.yaml' });
  expect(invoked(`${name} more`)).toBe(`${name} takes nothing behind it.`);
  expect(USAGE).toContain(`  ${name} `);
});

test.each(['@user@host.example', 'user%host.example@ap.example', 'https://host.example/@user'])(
  'resolve takes %s',
  (target) => {
    expect(invoked(`resolve ${target}`)).toMatchObject({ command: { name: 'resolve', target } });
  },
);

test.each([
  ['--help', { kind: 'help' }],
  ['-h', { kind: 'help' }],
  ['rnu --help', { kind: 'help' }],
  ['--version', { kind: 'version' }],
  ['', 'Say what to do: run, doctor, migrate, status, resolve.'],
  ['rnu', 'There is no command "rnu". Did you mean "run"?'],
  ['docter', 'There is no command "docter". Did you mean "doctor"?'],
  ['frobnicate', 'There is no command "frobnicate".'],
  ['run --cofnig x', 'There is no option "--cofnig". Did you mean "--config"?'],
  ['run -x', 'There is no option "-x".'],
  ['run --config', '--config needs the name of a file behind it.'],
  ['run --config=', '--config needs the name of a file behind it.'],
  ['run --config --json', '--config needs the name of a file behind it.'],
  ['run --json=yes', '--json takes no value.'],
  ['resolve', 'resolve needs a handle, a JID or a URL.'],
  ['resolve a b', 'resolve takes one address.'],
  [`resolve ${'a'.repeat(4_097)}`, 'resolve: this is too long to be an address.'],
])('%.40j is answered', (line, answer) => {
  expect(invoked(line)).toEqual(answer);
});

test('behind -- even a dash is an address', () => {
  expect(invoked('resolve -- --odd')).toMatchObject({ command: { name: 'resolve', target: '--odd' } });
});

test('no command line makes it throw', () => {
  const word = fc.oneof(fc.string(), fc.constantFrom('run', '--config', '--json', '--', '-h', '--__proto__'));
  fc.assert(
    fc.property(fc.array(word), (argv) => {
      const parsed = parseArguments(argv);
      expect(parsed.ok || parsed.problem.length > 0).toBe(true);
    }),
  );
});
