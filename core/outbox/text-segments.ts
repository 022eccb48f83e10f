/**
 * In how many parts a text is sent and billed: 3GPP TS 23.038 (GSM 7-bit default alphabet) and
 * 23.040 (joined parts).
 */
const BASIC = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà'
)
/** Characters that count as two. */
const EXTENDED = new Set('\f^{}\\[~]|€')

const GSM = { alone: 160, joined: 153 }
const UCS2 = { alone: 70, joined: 67 }

export interface Segments {
  readonly encoding: 'GSM-7' | 'UCS-2'
  readonly count: number
}

/** One character outside the alphabet makes the whole text UCS-2, with less than half the room. */
export function segmentsOf(text: string): Segments {
  const characters = [...text]
  if (characters.every((one) => BASIC.has(one) || EXTENDED.has(one)))
    return {
      encoding: 'GSM-7',
      count: parts(
        characters.map((one) => (EXTENDED.has(one) ? 2 : 1)),
        GSM
      )
    }
  return {
    encoding: 'UCS-2',
    count: parts(
      characters.map((one) => one.length),
      UCS2
    )
  }
}

/** A character that counts as two is never split over two parts: it begins the next part. */
function parts(widths: readonly number[], room: { alone: number; joined: number }): number {
  if (widths.reduce((sum, width) => sum + width, 0) <= room.alone) return 1
  let count = 1
  let used = 0
  for (const width of widths) {
    if (used + width > room.joined) {
      count += 1
      used = 0
    }
    used += width
  }
  return count
}
