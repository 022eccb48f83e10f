import { readFile, writeFile } from 'node:fs/promises'
import sharp from 'sharp'
import { limits } from '../limits.ts'
import type { PictureJob } from './job.ts'

/** Turns a page's picture clockwise and brings it to a size. */
export async function picture({
  path,
  outPath,
  degrees,
  longest
}: PictureJob): Promise<{ mediaType: 'image/jpeg' }> {
  const turned = sharp(await readFile(path), {
    limitInputPixels: limits.sourcePixels,
    failOn: 'none'
  }).rotate(degrees)
  const sized =
    longest === undefined
      ? turned
      : turned.resize({ width: longest, height: longest, fit: 'inside', withoutEnlargement: true })
  await writeFile(
    outPath,
    await sized.flatten({ background: '#fff' }).jpeg({ quality: 75 }).toBuffer(),
    { mode: 0o600 }
  )
  return { mediaType: 'image/jpeg' }
}
