import { expect, test, vi } from 'vitest';
import { loadConfig } from '../src/config.ts';
import { createFailpoints, STEPS } from '../src/failpoint.ts';

const never = () => {
  throw new Error('killed');
};

test('without a setting no step does anything', async () => {
  const reach = createFailpoints(undefined, never);
  for (const step of STEPS) await expect(reach(step)).resolves.toBeUndefined();
});

test('throws at the named step only, and at the nth time only', async () => {
  const reach = createFailpoints('x2a.tx:throw:2', never);
  await reach('x2a.recv');
  await reach('x2a.tx');
  await expect(reach('x2a.tx')).rejects.toThrow('failpoint x2a.tx');
  await reach('x2a.tx');
});

test('kill ends the process there and goes no further', async () => {
  const kill = vi.fn();
  const after = vi.fn();
  const reach = createFailpoints('out.claimed:kill,out.posted:throw', kill);
  void reach('out.claimed').then(after);
  await expect(reach('out.posted')).rejects.toThrow('failpoint out.posted');
  expect(kill).toHaveBeenCalledTimes(1);
  expect(after).not.toHaveBeenCalled();
});

test.each(['nowhere:kill', 'x2a.tx', 'x2a.tx:explode', 'x2a.tx:kill:0', 'x2a.tx:kill:1:1', ','])(
  '%s is refused with what can be written',
  (text) => {
    expect(() => createFailpoints(text, never)).toThrow(/CAUSEWAY_FAILPOINT: write step:kill\|throw\|hang/u);
  },
);

test('outside of development the variable is refused', () => {
  const env = {
    CAUSEWAY_DOMAIN: 'ap.xmpp.example',
    CAUSEWAY_XMPP_SECRET: 'x',
    CAUSEWAY_FAILPOINT: 'x2a.tx:kill',
  };
  const load = (more: Record<string, string>) =>
    loadConfig({
      readText: () => ({ kind: 'absent' }),
      env: { ...env, ...more },
      configPath: undefined,
      cwd: '/',
    });
  const refused = load({});
  expect(refused.ok).toBe(false);
  expect(refused.ok ? [] : refused.problems.join()).toContain('CAUSEWAY_FAILPOINT');
  const taken = load({ CAUSEWAY_DEV_ALLOW_PRIVATE_ADDRESSES: 'true' });
  expect(taken.ok && taken.config.dev.failpoint).toBe('x2a.tx:kill');
});
