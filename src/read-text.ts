import { closeSync, openSync, readSync } from 'node:fs';
import type { FileText } from './config-sources.ts';

/** No configuration and no secret is longer than this, in bytes. */
const MAX_BYTES = 1_048_576;

const reasonOf = (cause: unknown): string =>
  cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);

/** Reads a small text file (UTF-8, at most 1 MiB): the port that `loadConfig` takes. */
export function readText(path: string): FileText {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const buffer = Buffer.alloc(MAX_BYTES + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read) {
      read = readSync(file, buffer, length, buffer.length - length, null);
    }
    if (length > MAX_BYTES) return { kind: 'unreadable', problem: 'longer than 1 MiB' };
    return { kind: 'text', text: buffer.toString('utf8', 0, length) };
  } catch (cause) {
    const reason = reasonOf(cause);
    return reason === 'ENOENT' ? { kind: 'absent' } : { kind: 'unreadable', problem: reason };
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
