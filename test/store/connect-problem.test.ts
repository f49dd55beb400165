import { expect, test } from 'vitest';
import { explainConnectProblem, lacksRight } from '../../src/store/connect-problem.ts';

const failure = (code: string, message: string): Error => Object.assign(new Error(message), { code });

test.each([
  ['ECONNREFUSED', 'Start PostgreSQL'],
  ['ENOTFOUND', 'Correct the host'],
  ['ETIMEDOUT', 'firewall'],
  ['28P01', 'the password in database_url'],
  ['3D000', 'createdb'],
  ['42501', 'owner of the database'],
  ['57P03', 'in a moment'],
])('%s is told with what to do', (code, advice) => {
  const cause = failure(code, 'as the system says it');
  const error = explainConnectProblem(cause);
  expect(error.message).toContain('(as the system says it)');
  expect(error.message).toContain(advice);
  expect(error.cause).toBe(cause);
});

test.each([new Error('timeout expired'), failure('XX999', 'timeout expired'), 'timeout expired'])(
  'what is not known is told with what to look at',
  (cause) => {
    expect(explainConnectProblem(cause).message).toBe(
      'The database cannot be used (timeout expired). See that PostgreSQL runs, and that database_url is right.',
    );
  },
);

test('a name with several addresses: each has its reason, the whole has the advice', () => {
  const each = ['connect ECONNREFUSED ::1:5432', 'connect ECONNREFUSED 127.0.0.1:5432'];
  const cause = Object.assign(new AggregateError(each.map((message) => failure('ECONNREFUSED', message))), {
    code: 'ECONNREFUSED',
  });
  const { message } = explainConnectProblem(cause);
  expect(message).toContain(`(${each.join(', ')})`);
  expect(message).toContain('Start PostgreSQL');
});

test('a missing right is known in what the migration runner makes of it, and told without its stack', () => {
  const wrapped = new Error(
    'Unable to do it: error: permission denied for schema public\n    at somewhere:1:2',
  );
  expect(lacksRight(wrapped)).toBe(true);
  const { message } = explainConnectProblem(wrapped);
  expect(message).toContain('(Unable to do it: error: permission denied for schema public). ');
  expect(message).toContain('owner of the database');
});

test('only a missing right is one', () => {
  expect(lacksRight(failure('42501', 'permission denied for schema public'))).toBe(true);
  expect(lacksRight(failure('42P01', 'no such table'))).toBe(false);
  expect(lacksRight('42501')).toBe(false);
});
