import { imageSize } from 'image-size';
import { DataError } from '../../errors.ts';

/** Kinds that browsers and sharp, which transformers.js decodes with in Node, can open, by their names in `image-size`. */
const KINDS = new Set(['png', 'jpg', 'gif', 'webp', 'bmp', 'heif', 'avif', 'tiff', 'svg']);

/**
 * Looks at the header of an image, before anything is decoded.
 * @param where names the item in messages
 * @throws {DataError} bytes that are no image, or one of more pixels
 */
export function checkImage(bytes: Uint8Array, where: string, maxPixels: number): void {
  const found = sizeOf(bytes);
  if (!found || !KINDS.has(found.type ?? '')) {
    const problem = `expected an image (PNG, JPEG, WebP, GIF …), received ${bytes.length} bytes that begin with ${beginning(bytes)}`;
    throw new DataError(where, problem, 'Correct the file, or leave the image out');
  }
  const { width, height } = found;
  if (width * height > maxPixels || width < 1 || height < 1) {
    const problem = `expected an image of 1 to ${maxPixels} pixels, received ${width} × ${height}`;
    throw new DataError(where, problem, 'Make it smaller, or pass a larger maxPixels');
  }
}

function sizeOf(bytes: Uint8Array): { width: number; height: number; type?: string } | null {
  try {
    return imageSize(bytes);
  } catch {
    // It throws on what it does not know and on headers that end too early.
    return null;
  }
}

function beginning(bytes: Uint8Array): string {
  const text = new TextDecoder('latin1').decode(bytes.subarray(0, 12)).replace(/[^\x20-\x7e]/g, '·');
  return JSON.stringify(text);
}
