import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Say } from './narrate.ts';

/**
 * Installs Debian packages where they are missing, and tells what it installs. Rejects with the sentence of
 * `scripts/debian-packages.sh` where they cannot be had.
 */
export async function installPackages(root: string, names: readonly string[], say: Say): Promise<void> {
  const child = spawn('sh', [join(root, 'scripts/debian-packages.sh'), ...names], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const problems: string[] = [];
  createInterface({ input: child.stdout }).on('line', say);
  createInterface({ input: child.stderr }).on('line', (line) => problems.push(line));
  const [code]: unknown[] = await once(child, 'close');
  if (code !== 0) throw new Error(problems.join('\n'));
}
