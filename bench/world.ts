import type { UndoStack } from '../test/support/undo.ts';
import type { Cluster } from './database.ts';
import { type Part, startPart } from './part.ts';
import type { Sizes } from './sizes.ts';

/** What every part of the benchmark is given. */
export type World = {
  readonly folder: string;
  readonly cluster: Cluster;
  readonly sizes: Sizes;
};

/** Starts a process that is stopped with the part it belongs to. */
export const startHelped = (world: World, undo: UndoStack, file: string): Part => {
  const part = startPart({ file, logFile: `${world.folder}/${file}.log` });
  undo.add(part.stop);
  return part;
};
