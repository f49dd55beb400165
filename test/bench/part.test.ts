import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type Part, startPart } from '../../bench/part.ts';

let folder: string;
let part: Part;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'causeway-part-'));
  part = startPart({ file: 'http-sink.ts', logFile: join(folder, 'part.log') });
});
afterAll(async () => {
  await part.stop();
  await rm(folder, { recursive: true, force: true });
});

test('a process answers what it is asked', async () => {
  const origins = await part.ask('start', { listeners: 2 }, z.array(z.string()));
  expect(origins).toEqual([expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/u), expect.any(String)]);
  expect(await part.cpuMs()).toBeGreaterThan(0);
});

test('its errors reach who asked', async () => {
  await expect(part.ask('start', { listeners: 'two' }, z.unknown())).rejects.toThrow('listeners');
  await expect(part.ask('constructor', undefined, z.unknown())).rejects.toThrow('nobody answers');
  await expect(part.ask('start', { listeners: 1 }, z.number())).rejects.toThrow('number');
});

test('one that ends leaves nobody waiting', async () => {
  const other = startPart({ file: 'http-sink.ts', logFile: join(folder, 'other.log') });
  await other.cpuMs();
  const never = expect(other.ask('waitFor', { count: 1 }, z.number())).rejects.toThrow('http-sink.ts ended');
  await other.stop();
  await never;
  await expect(other.cpuMs()).rejects.toThrow('is not there');
});
