import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const packageFile = z.object({
  version: z.string().regex(/^\d+\.\d+\.\d+[\w.+-]*$/u),
  repository: z
    .union([z.string(), z.object({ url: z.string() }).transform(({ url }) => url)])
    .optional()
    .catch(undefined),
});

/** It lies one folder above both `src/` and `dist/`. */
const readPackage = () =>
  packageFile.parse(JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8')));

/** The version in `package.json`. */
export const readVersion = (): string => readPackage().version;

/**
 * Where the source is, as a web address; undefined where `package.json` does not say, or says it in another form than
 * a URL. Whoever runs a changed copy says it there.
 */
export const repositoryUrl = (repository: string | undefined): string | undefined => {
  const url = repository?.replace(/^git\+/u, '');
  return url !== undefined && /^https:\/\/\S+$/u.test(url) && URL.canParse(url) ? url : undefined;
};

export const readRepository = (): string | undefined => repositoryUrl(readPackage().repository);
