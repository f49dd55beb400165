import { expect, test } from 'vitest';
import { createUndoStack } from './undo.ts';

test('takes back in reverse, each step once', async () => {
  const done: string[] = [];
  const undo = createUndoStack();
  undo.add(() => done.push('first'));
  undo.add(async () => {
    await Promise.resolve();
    done.push('second');
  });
  await undo.run();
  await undo.run();
  expect(done).toEqual(['second', 'first']);
});

test('a step that fails keeps none of the others from being taken back', async () => {
  const done: string[] = [];
  const undo = createUndoStack();
  undo.add(() => done.push('first'));
  undo.add(() => {
    throw new Error('stuck');
  });
  undo.add(() => Promise.reject(new Error('stuck first')));
  await expect(undo.run()).rejects.toThrow('stuck first');
  expect(done).toEqual(['first']);
});
