/**
 * The words that the writer of a mail wrote now: apart from the history quoted beside them, from
 * signatures and from what programs and offices put below. Where it is not sure whose words they
 * are, they count as new: none is lost. Each line is looked at a bounded number of times.
 */
import { historyIn, isQuoted, type HistoryStart } from './history.ts'
import { beginsSignature, isDeviceLine, isNotice, isRuler, isSignature } from './signature.ts'

export interface PartedText {
  /** The writer's own new words. Empty where there are none, as in a mail that is passed on. */
  readonly newText: string
  /** What was left out, in order. */
  readonly rest: string
}

/** Lines that are looked at; what follows in a longer text counts as new. */
const LINES = 5_000
/** Signatures, notices and quotes, one beneath the other, that are taken away. */
const PARTS_BELOW = 50

export function partText(text: string): PartedText {
  const lines = text.replace(/\r\n?/g, '\n').split('\n')
  const isNew = lines.map(() => true)
  const leave = (from: number, to: number) => isNew.fill(false, from, to)
  const parted = partedLines(lines.slice(0, LINES))
  const below = leaveBelow(parted, parted.lines.length, leave)
  const start = leaveAbove(parted, below, leave)
  const end = leaveHistory(parted, start, below, leave)
  if (end < below) leaveBelow(parted, end, leave)
  return {
    newText: joined(lines.filter((_, index) => isNew[index])),
    rest: joined(lines.filter((_, index) => !isNew[index]))
  }
}

type Leave = (from: number, to: number) => void

interface PartedLines {
  readonly lines: readonly string[]
  readonly historyAt: (at: number) => HistoryStart | undefined
}

function partedLines(lines: readonly string[]): PartedLines {
  return { lines, historyAt: historyIn(lines) }
}

/**
 * Takes away what stands below everything: quotes with who wrote them, signatures, rulers, notices.
 * Answers where the words end.
 */
function leaveBelow(parted: PartedLines, from: number, leave: Leave): number {
  const { lines } = parted
  let end = from
  for (let round = 0, before = -1; before !== end && round < PARTS_BELOW; round++) {
    before = end
    while (end > 0 && isBelow(lines[end - 1]!)) end -= 1
    end = withoutNotice(lines, end)
    end = withoutSignature(parted, end)
    end = withoutQuotes(parted, end)
  }
  leave(end, from)
  return end
}

function isBelow(line: string): boolean {
  return line.trim() === '' || isRuler(line) || isDeviceLine(line)
}

function withoutNotice(lines: readonly string[], end: number): number {
  let start = end
  while (start > 0 && end - start < 12 && lines[start - 1]!.trim() !== '') start -= 1
  // A notice that is all there is was written by somebody.
  return start > 0 && isNotice(lines.slice(start, end).join(' ')) ? start : end
}

function withoutSignature(parted: PartedLines, end: number): number {
  const { lines, historyAt } = parted
  for (let index = end - 1; index > 0 && end - index < 40; index--) {
    const line = lines[index]!
    if (isQuoted(line) || historyAt(index)) return end
    if (beginsSignature(line)) return isSignature(lines.slice(index + 1, end)) ? index : end
  }
  return end
}

/** Quotes at the end with the line that says whose they are; never all there is. */
function withoutQuotes(parted: PartedLines, end: number): number {
  const { lines, historyAt } = parted
  let start = end
  while (start > 0 && (isQuoted(lines[start - 1]!) || lines[start - 1]!.trim() === '')) start -= 1
  if (start === end) return end
  for (let back = 1; back <= 5 && start - back >= 0; back++) {
    const history = historyAt(start - back)
    if (history && history.next >= start) return start - back
  }
  return start
}

/** "On … wrote:" with its quotes at the very top, above an answer written beneath. */
function leaveAbove(parted: PartedLines, end: number, leave: Leave): number {
  const { lines, historyAt } = parted
  let at = 0
  while (at < end && lines[at]!.trim() === '') at += 1
  const history = at < end ? historyAt(at) : undefined
  if (history?.kind !== 'attribution') return at
  let next = history.next
  while (next < end && (isQuoted(lines[next]!) || lines[next]!.trim() === '')) next += 1
  leave(at, next)
  return next
}

/**
 * From the first sign of an earlier mail that is not answered line by line, everything is its.
 * Answers where the words end.
 */
function leaveHistory(parted: PartedLines, start: number, end: number, leave: Leave): number {
  const { lines, historyAt } = parted
  for (let at = start; at < end; at++) {
    const history = historyAt(at)
    if (!history) continue
    if (history.kind === 'attribution' && isAnswered(lines, history.next, end)) {
      leave(at, history.next)
      at = history.next - 1
      continue
    }
    leave(at, end)
    return at
  }
  return end
}

/** Quotes follow, and words of the writer between or beneath them. */
function isAnswered(lines: readonly string[], from: number, end: number): boolean {
  let at = from
  while (at < end && lines[at]!.trim() === '') at += 1
  return at < end && isQuoted(lines[at]!) && lines.slice(at, end).some(isWord)
}

function isWord(line: string): boolean {
  return !isQuoted(line) && !isBelow(line)
}

function joined(lines: readonly string[]): string {
  return lines
    .join('\n')
    .replace(/^(\s*\n)+/, '')
    .trimEnd()
}
