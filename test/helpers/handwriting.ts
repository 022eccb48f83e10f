import { createCanvas } from '@napi-rs/canvas'
import sharp from 'sharp'

/**
 * A page of strokes that look like handwriting and say nothing: no machine reads words from it. The
 * same every time.
 */
export async function handwrittenPng(): Promise<Buffer> {
  const canvas = createCanvas(1_000, 1_294)
  const pen = canvas.getContext('2d')
  pen.fillStyle = '#fff'
  pen.fillRect(0, 0, canvas.width, canvas.height)
  pen.strokeStyle = '#223'
  pen.lineWidth = 3
  const random = minimalStandard(7)
  for (let y = 160; y < 1_000; y += 90) {
    for (let x = 90; x < 880; x += 110) scrawl(pen, x, y, 60 + random() * 40, random)
  }
  return sharp(canvas.toBuffer('image/png'))
    .greyscale()
    .withMetadata({ density: 120 })
    .png()
    .toBuffer()
}

type Pen = ReturnType<ReturnType<typeof createCanvas>['getContext']>

function scrawl(pen: Pen, left: number, base: number, width: number, random: () => number): void {
  pen.beginPath()
  pen.moveTo(left, base)
  for (let x = left; x < left + width; x += 6 + random() * 14)
    pen.quadraticCurveTo(
      x + (random() - 0.3) * 14,
      base + (random() - 0.5) * (random() < 0.2 ? 80 : 32),
      x + 8,
      base + (random() - 0.5) * 14
    )
  pen.stroke()
}

/** Numbers from 0 to 1 that are the same in every run (Park and Miller's generator). */
function minimalStandard(seed: number): () => number {
  return () => {
    seed = (seed * 16_807) % 2_147_483_647
    return seed / 2_147_483_647
  }
}
