import { closeSync, ftruncateSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Says whether the process that wrote a line still runs; `start` is what `processStart` gave for it. */
export type IsAlive = (pid: number, start: string) => boolean;

const TAG = '# causeway-names';
const LOCK_WAIT_MS = 5_000;
const LOCK_STEP_MS = 20;

/**
 * The moment at which a process started, in kernel ticks since boot, or undefined where none runs.
 * With the pid it names a process for good: pids are used again.
 */
export function processStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the name in parentheses and may hold anything; the third is the state, the 22nd the
    // start (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie has ended; only nobody has asked how, as in a container whose first process does not.
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

const runs: IsAlive = (pid, start) => processStart(pid) === start;

/** The file without the lines that `isStale` picks, which sees only lines of ours; all others stay byte for byte. */
export function dropLines(text: string, isStale: (pid: number, start: string) => boolean): string {
  return text
    .split(/(?<=\n)/u)
    .filter((line) => {
      const at = line.indexOf(TAG);
      if (at < 0) return true;
      const [pid = '', start = ''] = line
        .slice(at + TAG.length)
        .trim()
        .split(' ');
      return !isStale(Number(pid), start);
    })
    .join('');
}

/**
 * Makes `names` mean `address` on this machine by one line in /etc/hosts, and takes that line out again when the
 * function returned is called or this process exits. Lines that killed processes left behind go first.
 * Throws with one sentence where the file may not be written.
 */
export function addHostNames(
  names: readonly string[],
  file = '/etc/hosts',
  isAlive = runs,
  address = '127.0.0.1',
): () => void {
  const start = processStart(process.pid) ?? '0';
  const mine = `${TAG} ${process.pid} ${start} ${names[0] ?? ''}`;
  try {
    changeFile(file, (text) => {
      const kept = dropLines(text, (pid, since) => !isAlive(pid, since));
      const lead = kept === '' || kept.endsWith('\n') ? '' : '\n';
      return `${kept}${lead}${address} ${names.join(' ')} ${mine}\n`;
    });
  } catch (error) {
    throw new Error(
      `${file} cannot be written, which the names ${names.join(', ')} need: run this as root.`,
      {
        cause: error,
      },
    );
  }
  let removed = false;
  const remove = () => {
    if (removed) return;
    removed = true;
    process.off('exit', remove);
    changeFile(file, (text) =>
      text
        .split(/(?<=\n)/u)
        .filter((line) => !line.trimEnd().endsWith(mine))
        .join(''),
    );
  };
  process.on('exit', remove);
  return remove;
}

/**
 * Rewrites a file in place: in a container /etc/hosts is a mount of its own, and nothing can be renamed over a mount.
 * The new text is written before the rest is cut off, so no reader ever finds the file empty.
 * Synchronous, because it has to work while the process exits.
 */
function changeFile(file: string, change: (text: string) => string): void {
  const unlock = lock(join(tmpdir(), `causeway-names-${file.replaceAll('/', '-')}.lock`));
  try {
    const before = readFileSync(file, 'utf8');
    const after = change(before);
    if (after === before) return;
    const handle = openSync(file, 'r+');
    try {
      writeSync(handle, after, 0, 'utf8');
      ftruncateSync(handle, Buffer.byteLength(after));
    } finally {
      closeSync(handle);
    }
  } finally {
    unlock();
  }
}

function lock(file: string): () => void {
  const deadline = Date.now() + LOCK_WAIT_MS;
  for (;;) {
    try {
      writeFileSync(file, `${process.pid} ${processStart(process.pid) ?? ''}`, { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      const isHeld = error instanceof Error && 'code' in error && error.code === 'EEXIST';
      if (!isHeld) throw error;
      if (!holderRuns(file) || Date.now() > deadline) rmSync(file, { force: true });
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOCK_STEP_MS);
    }
  }
}

function holderRuns(file: string): boolean {
  try {
    const [pid = '', start = ''] = readFileSync(file, 'utf8').split(' ');
    // Empty for the instant between making and writing it: that holder runs.
    return pid === '' || runs(Number(pid), start);
  } catch {
    return false;
  }
}
