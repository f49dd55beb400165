import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const packageFile = z.object({ version: z.string().regex(/^\d+\.\d+\.\d+[\w.+-]*$/u) });

/** The version in `package.json`, which lies one folder above both `src/` and `dist/`. */
export function readVersion(): string {
  const source = readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8');
  return packageFile.parse(JSON.parse(source)).version;
}
