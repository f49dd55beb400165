import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { MAX_PICTURE_BYTES, makeSmallPicture } from '../../src/media/small-picture.ts';

const RED = { r: 200, g: 10, b: 10, alpha: 0.5 };
const picture = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 4, background: RED } });

/** A chunk of a PNG (RFC 2083 3.2), with a checksum that is right. */
const chunk = (type: string, data: Buffer): Buffer => {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  let crc = 0xffffffff;
  for (const byte of body) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE((crc ^ 0xffffffff) >>> 0, 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
};

const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
/** A PNG that says how large it is, and brings as many zeros as one may compress into little. */
const claiming = (width: number, height: number, rows = 1): Buffer => {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 6, 0, 0, 0], 8);
  const data = deflateSync(Buffer.alloc(rows * (width * 4 + 1)));
  return Buffer.concat([SIGNATURE, chunk('IHDR', head), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
};

describe('a picture', () => {
  test.each(['png', 'jpeg', 'webp', 'gif'] as const)('in %s becomes a small square PNG', async (format) => {
    const made = await makeSmallPicture(await picture(800, 300).toFormat(format).toBuffer());
    expect(made).toMatchObject({ type: 'image/png', width: 192, height: 192 });
    expect(made?.bytes.subarray(0, 8)).toEqual(SIGNATURE);
    expect(made?.sha1).toMatch(/^[0-9a-f]{40}$/u);
    const { format: written, pages } = await sharp(made?.bytes).metadata();
    expect([written, pages ?? 1]).toEqual(['png', 1]);
  });

  test('brings nothing along: no place where it was taken, no text behind its end', async () => {
    const jpeg = await picture(64, 64)
      .jpeg()
      .withExif({ IFD0: { Copyright: 'secret-place' } })
      .toBuffer();
    const polyglot = Buffer.concat([jpeg, Buffer.from('<script>alert(1)</script>secret-place')]);
    const made = await makeSmallPicture(polyglot);
    expect(made?.bytes.toString('latin1')).not.toMatch(/script|secret-place/u);
    expect((await sharp(made?.bytes).metadata()).exif).toBeUndefined();
  });

  test('with noise stays small enough for a stanza', async () => {
    const noise = await sharp({
      create: {
        width: 400,
        height: 400,
        channels: 3,
        background: 'black',
        noise: { type: 'gaussian', mean: 128, sigma: 80 },
      },
    })
      .png()
      .toBuffer();
    expect((await makeSmallPicture(noise))?.bytes.length).toBeLessThan(96 * 1024);
  });
});

describe('nothing comes of', () => {
  test.each([
    ['nothing', Buffer.alloc(0)],
    ['a text', Buffer.from('hello')],
    [
      'an SVG',
      Buffer.from(
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>',
      ),
    ],
    [
      'an SVG behind an XML declaration',
      Buffer.from('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'),
    ],
    ['a page', Buffer.from('<!doctype html><img src=x>')],
    ['a PDF', Buffer.from('%PDF-1.7\n')],
    ['a TIFF', Buffer.from('II*\0\x08\0\0\0', 'latin1')],
    ['an AVIF', Buffer.from('\0\0\0\x20ftypavif\0\0\0\0', 'latin1')],
    ['the beginning of a PNG', SIGNATURE],
    ['a PNG of 144 megapixels', claiming(12_000, 12_000)],
    ['a PNG of four thousand megapixels', claiming(65_500, 65_500)],
    ['a PNG without a size', claiming(0, 0)],
    ['a JPEG that is cut short', Buffer.from('\xff\xd8\xff\xe0\0\x10JFIF', 'latin1')],
    ['a GIF without a picture', Buffer.from('GIF89a\x01\0\x01\0\0\0\0;', 'latin1')],
    ['a WebP that lies', Buffer.from('RIFF\xff\xff\xff\x7fWEBPVP8 \xff\xff\xff\x7f', 'latin1')],
    ['4 MiB and one byte', Buffer.concat([SIGNATURE, Buffer.alloc(MAX_PICTURE_BYTES)])],
  ])('%s', async (_, bytes) => {
    const began = performance.now();
    expect(await makeSmallPicture(bytes)).toBeUndefined();
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  test('any cut of a picture, or it is still one', async () => {
    const png = await picture(300, 300).png().toBuffer();
    for (let cut = 0; cut < png.length; cut += Math.ceil(png.length / 20)) {
      const made = await makeSmallPicture(png.subarray(0, cut));
      expect(made === undefined || made.width === 192).toBe(true);
    }
  });
});
