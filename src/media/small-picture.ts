import { createHash } from 'node:crypto';

/** A picture as clients get it: a square PNG of our own making, of which no byte came from outside. */
export type SmallPicture = {
  readonly type: 'image/png';
  readonly bytes: Buffer;
  /** SHA-1 in hex: the id of XEP-0084 and the hash of XEP-0153. */
  readonly sha1: string;
  readonly width: number;
  readonly height: number;
};

/** Of what is read, in bytes. */
export const MAX_PICTURE_BYTES = 4 * 1024 * 1024;
const MAX_PIXELS = 50_000_000;
/** Each side, in pixels: sharp where clients show it largest. A second one where the first has too many bytes. */
export const SIDES = [192, 96] as const;
/** In base64 it must fit into a stanza, beside a whole profile. */
const MAX_SMALL_BYTES = 96 * 1024;
const SECONDS = 2;

/** The loaders of the library that may touch what comes from outside: none for SVG, PDF, TIFF, HEIF and the like. */
const LOADERS = ['Jpeg', 'Png', 'Webp', 'Nsgif'].map((name) => `VipsForeignLoad${name}`);

const loadLibrary = async () => {
  const { default: sharp } = await import('sharp');
  sharp.cache(false);
  sharp.concurrency(1);
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: LOADERS });
  return sharp;
};

/** Some 20 MB of memory: loaded with the first picture. */
let library: ReturnType<typeof loadLibrary> | undefined;

/** Undefined where it cannot be loaded here; tried again with the next picture. */
const loadOnce = async () => {
  library ??= loadLibrary();
  try {
    return await library;
  } catch {
    library = undefined;
    return undefined;
  }
};

/** How files of the formats begin, each byte a character. */
const BEGINNINGS = ['\xff\xd8\xff', '\x89PNG\r\n\x1a\n', 'GIF87a', 'GIF89a'];

/** By its first bytes, never by what somebody says that it is. */
const isKnownFormat = (bytes: Uint8Array): boolean => {
  const start = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
  const isWebp = start.startsWith('RIFF') && start.endsWith('WEBP');
  return isWebp || BEGINNINGS.some((beginning) => start.startsWith(beginning));
};

/**
 * Makes a JPEG, PNG, WebP or GIF (its first frame) small and writes it anew, upright and without what else was in the
 * file. Undefined for all that cannot be read, is larger than 4 MiB or 50 megapixels, or takes longer than 2 seconds.
 */
export const makeSmallPicture = async (bytes: Uint8Array): Promise<SmallPicture | undefined> => {
  if (bytes.length > MAX_PICTURE_BYTES || !isKnownFormat(bytes)) return undefined;
  const sharp = await loadOnce();
  if (sharp === undefined) return undefined;
  for (const side of SIDES) {
    try {
      const { data, info } = await sharp(bytes, {
        limitInputPixels: MAX_PIXELS,
        failOn: 'error',
        pages: 1,
        sequentialRead: true,
      })
        .timeout({ seconds: SECONDS })
        .rotate()
        .resize(side, side, { fit: 'cover' })
        .png({ palette: true, quality: 90, compressionLevel: 9 })
        .toBuffer({ resolveWithObject: true });
      if (data.length > MAX_SMALL_BYTES) continue;
      const sha1 = createHash('sha1').update(data).digest('hex');
      return { type: 'image/png', bytes: data, sha1, width: info.width, height: info.height };
    } catch {
      return undefined;
    }
  }
  return undefined;
};
