import type { Box, Field, Note, Page, Word } from '../types.ts'
import { area, holds, middle, rotateBox, type Frame } from './boxes.ts'
import type { PageJob, ReadPage } from './job.ts'
import { agreement, mergeRead } from './merge.ts'
import { readRaster, type Upright } from './ocr.ts'
import type { PageLook } from './pdf-look.ts'
import { renderPage } from './pdf-render.ts'
import { extras } from './page-extras.ts'
import { barcodesOn, storeUpright } from './picture-page.ts'
import { keepPieces, joinPieces, toPieces } from './pieces.ts'
import { withValues } from './place-values.ts'
import { cut, loadWorking, type Raster, type Source, type Working } from './raster.ts'
import { isScan, judgePictures, type PictureVerdict } from './judge-pictures.ts'
import { judgeLeftover } from './leftover.ts'
import { readSmall, type SmallPictures } from './small-pictures.ts'
import { UNSEEN } from './covered-words.ts'
import { SURE_PAGE, sureText, sureWordsOf, unsurePage } from './sure-words.ts'
import { meanConfidence, nothing, type Recognised } from './tsv.ts'
import { findUncovered, type Uncovered } from './uncovered.ts'
import { splitHidden } from './hidden-words.ts'

/** Marked cells of a tenth of an inch from which a picture may hold a word. */
const A_WORD = 12
/** Share of a page's words from which those of its small pictures are more than a letterhead. */
const A_PART = 0.25
/**
 * Where pictures hold more than half of what is on a page, the page is a scan with some text on it;
 * else it is a page with some pictures.
 */
const MOSTLY = 0.5
/**
 * Of OCR's sure words a layer under them has to have so many: somebody's OCR that is worse is not
 * taken, and codes that are no letters share none.
 */
const [AGREES_UNSEEN, AGREES_SEEN] = [0.6, 0.3]
/** Confidence of words that somebody's OCR put under a picture where ours cannot tell. */
const UNPROVEN = 0.6

/** A page that is being read: what its file says of it, its picture, and what is asked for. */
interface DrawnPage {
  readonly look: PageLook
  readonly source: Source
  readonly working: Working
  readonly job: PageJob
}

/**
 * Reads a page that has both words of its own and something else on it; undefined where its own
 * words say it all.
 */
export async function readMixed(look: PageLook, job: PageJob): Promise<ReadPage | undefined> {
  const drawn = await draw(look, job)
  const { working } = drawn
  const { layer } = drawn.look
  const hides = layer !== look.layer
  const uncovered = await findUncovered(working, look.boxes, layer.words)
  if (!look.doubtful && uncovered.cells < A_WORD)
    return hides ? layered(drawn, nothing, uncovered) : undefined
  if (look.doubtful || uncovered.share > MOSTLY || !uncovered.box)
    return readWhole(drawn, uncovered)
  return layered(drawn, await readPart(working, uncovered.box, job), uncovered)
}

/** Draws a page. Its look is then without words that the page does not show. */
async function draw(look: PageLook, job: PageJob): Promise<DrawnPage> {
  const source = await renderPage(look.page, look.scale)
  const working = await loadWorking(source)
  return { look: shownOf(look, working), source, working, job }
}

/** The words that the page shows; those that it does not are a note. */
function shownOf(look: PageLook, working: Working): PageLook {
  if (!look.hidden && (!look.covered || look.unseen)) return look
  const { layer, note } = splitHidden(look.layer, working)
  if (!note) return look
  return {
    ...look,
    layer,
    notes: [...look.notes, note],
    unread:
      look.unread ??
      (look.hidden
        ? 'It has a layer that is switched off, with words that it does not show.'
        : UNSEEN)
  }
}

/**
 * Reads a page of words with small pictures on it; undefined where its own words say it all.
 */
export async function readWithSmall(look: PageLook, job: PageJob): Promise<ReadPage | undefined> {
  const drawn = await draw(look, job)
  const shown = drawn.look.layer.words
  const small = await readSmall(drawn.working, look.small, shown, job)
  const known = without(small.found, look.fields, look.notes)
  const sure = {
    text: known.text,
    words: known.words.map((word) => ({ ...word, from: 'ocr' as const }))
  }
  if (drawn.look === look && sure.words.length === 0 && small.unsure === 0 && !small.more)
    return undefined
  return mergedPage(drawn, sure, {
    // A logo read badly says nothing of the words under it.
    confidence:
      sure.words.length >= A_PART * (sure.words.length + shown.length) ? small.confidence : 1,
    unread: smallUnread(small)
  })
}

function smallUnread({ unsure, more, confidence }: SmallPictures): string | undefined {
  if (unsure > 0) return 'A picture on it holds marks that could not be read as words.'
  return more ? 'It has more pictures than are read by machine.' : unsurePage(confidence)
}

/** Reads a page of which only the values of its form and its comments are known beside its look. */
export async function readPictured(
  look: PageLook,
  source: Source,
  job: PageJob
): Promise<ReadPage> {
  const working = await loadWorking(source)
  const everywhere: Box = [0, 0, working.width, working.height]
  const known = [
    ...look.fields.filter(({ value }) => value),
    ...look.notes.filter(({ mark }) => !mark)
  ].map(({ box }) => ({
    text: '',
    confidence: 1,
    box
  }))
  const uncovered = await findUncovered(working, [everywhere], known)
  return readWhole(
    { look: { ...look, layer: { words: [], text: '' } }, source, working, job },
    { ...uncovered, share: 1 }
  )
}

async function readWhole(drawn: DrawnPage, uncovered: Uncovered): Promise<ReadPage> {
  const { look, working, job } = drawn
  const upright = await readRaster(working, job)
  const turned = <T extends { readonly box: Box }>(one: T): T => ({
    ...one,
    box: rotateBox(one.box, frameOf(look, working), upright.rotation + upright.skew, upright.raster)
  })
  const fields = look.fields.map(turned)
  const notes = look.notes.map(turned)
  const own = { text: look.layer.text, words: look.layer.words.map(turned) }
  const agrees = agreement(own, upright.found)
  const kept =
    agrees !== undefined && agrees < (look.unseen ? AGREES_UNSEEN : AGREES_SEEN)
      ? { text: '', words: [] }
      : trusted(own, look.unseen, agrees)
  const found = without(upright.found, fields, notes)
  const layerStands = kept.words.length > 0 && uncovered.share <= MOSTLY
  if (layerStands && upright.rotation === 0 && upright.skew === 0)
    return layered({ ...drawn, look: { ...look, layer: kept } }, upright.found, uncovered)
  return ocrPage(drawn, { fields, notes, kept, found, upright, layerStands, uncovered })
}

interface Whole {
  readonly fields: readonly Field[]
  readonly notes: readonly Note[]
  /** The layer's words as far as they are taken. */
  readonly kept: { readonly text: string; readonly words: readonly Word[] }
  readonly found: Recognised
  readonly upright: Upright
  readonly layerStands: boolean
  readonly uncovered: Uncovered
}

async function ocrPage(
  { look, source, working, job }: DrawnPage,
  { fields, notes, kept, found, upright, layerStands, uncovered }: Whole
): Promise<ReadPage> {
  const merged = mergeRead(kept, found)
  const others = merged.words.filter((word) => !kept.words.includes(word))
  const isSure = sureWordsOf({ confidence: meanConfidence(others) })
  const sure = joinPieces(
    keepPieces(
      toPieces(merged.text, merged.words),
      (word) => isSure(word) || kept.words.includes(word)
    )
  )
  // What a picture of a tree is taken for says nothing of the words around it; what a scan is taken
  // for does.
  const confidence = layerStands
    ? meanConfidence(sure.words)
    : others.length > 0 || uncovered.cells >= A_WORD
      ? meanConfidence(others)
      : meanConfidence(kept.words)
  const valued = withValues(
    confidence < SURE_PAGE ? joinPieces(toPieces(kept.text, kept.words)) : sure,
    fields,
    notes
  )
  const unsure = others.filter((word) => !sure.words.includes(word))
  const onlyValues =
    valued.words.length > 0 &&
    others.length === 0 &&
    kept.words.length === 0 &&
    uncovered.cells < A_WORD
  const { raster, rotation, skew, blank } = upright
  const barcodes = await barcodesOn(raster, job)
  const told = [...fields, ...notes].map(toldBy)
  const beside =
    blank || onlyValues || !isScan(look, frameOf(look, working))
      ? { confidence, unread: blank || onlyValues ? undefined : unsurePage(confidence) }
      : await judgeLeftover(raster, { text: '', words: [...sure.words, ...told], confidence })
  const unread = look.unread ?? beside.unread
  const page: Page = {
    number: job.number,
    text: valued.text,
    confidence: onlyValues ? 1 : beside.confidence,
    rotation,
    skew,
    blank: blank && valued.words.length === 0,
    words: [...valued.words, ...unsure.filter((word) => !valued.words.includes(word))],
    source: 'ocr',
    widthPx: raster.width,
    heightPx: raster.height,
    dpi: raster.dpi,
    ...(barcodes ? { barcodes } : {}),
    ...extras(fields, notes, { unread })
  }
  return { page, ...(await storeUpright(job, source, working, upright)) }
}

function trusted(
  own: { readonly text: string; readonly words: readonly Word[] },
  unseen: boolean,
  agrees: number | undefined
): Whole['kept'] {
  if (!unseen) return own
  const confidence = Math.round(Math.min(1, agrees ?? UNPROVEN) * 100) / 100
  return { ...own, words: own.words.map((word) => ({ ...word, confidence })) }
}

/** What OCR read of values and comments that are known to the letter is left out. */
function without(
  { words, text }: Recognised,
  fields: readonly Field[],
  notes: readonly Note[]
): Recognised {
  const known = [
    ...fields.filter(({ value, hidden }) => value && !hidden),
    ...notes.filter(({ kind, hidden }) => kind === 'FreeText' && !hidden)
  ]
    .map(({ box }) => box)
    .filter((box) => area(box) > 0)
  if (known.length === 0) return { words, text, confidence: meanConfidence(words) }
  const left = joinPieces(
    keepPieces(toPieces(text, words), (word) => !known.some((box) => holds(box, middle(word.box))))
  )
  return { ...left, confidence: meanConfidence(left.words) }
}

/**
 * The page as its layer has it, with what was read of its pictures put in. Its confidence is that
 * of its worse part.
 */
async function layered(
  drawn: DrawnPage,
  part: Recognised,
  uncovered: Uncovered
): Promise<ReadPage> {
  const { look, working } = drawn
  const found = without(part, look.fields, look.notes)
  const sure =
    found.confidence < SURE_PAGE
      ? nothing
      : {
          text: sureText(found),
          words: found.words
            .filter(sureWordsOf(found))
            .map((word) => ({ ...word, from: 'ocr' as const }))
        }
  const pictures = judgePictures(look, working, found, sure.words, uncovered)
  return mergedPage(drawn, sure, pictures)
}

/** `sure` is what was read surely of the pictures. */
async function mergedPage(
  { look, source, working, job }: DrawnPage,
  sure: { readonly text: string; readonly words: readonly Word[] },
  pictures: PictureVerdict
): Promise<ReadPage> {
  const { fields, notes, layer, unread } = look
  const merged = mergeRead(layer, sure)
  const { words, text } = withValues(merged, fields, notes)
  const barcodes = await barcodesOn(working, job)
  const confidence = Math.min(meanConfidence(words), pictures.confidence)
  const told = [...fields, ...notes].map(toldBy)
  // What a pen wrote on a scan lies under no word, whoever read it.
  const beside = isScan(look, working)
    ? await judgeLeftover(working, { text, words: [...words, ...told], confidence })
    : { confidence, unread: undefined }
  const page: Page = {
    number: job.number,
    text,
    confidence: beside.confidence,
    rotation: 0,
    skew: 0,
    blank: false,
    words,
    source: 'text-layer',
    widthPx: working.width,
    heightPx: working.height,
    dpi: working.dpi,
    ...(barcodes ? { barcodes } : {}),
    ...extras(fields, notes, {
      unread: unread ?? pictures.unread ?? beside.unread,
      added: words.some(({ from }) => from)
    })
  }
  return {
    page,
    ...(await storeUpright(job, source, working, {
      raster: working,
      rotation: 0,
      skew: 0,
      blank: false,
      found: nothing
    }))
  }
}

/** A value or comment covers the ink of its place as a word does. */
function toldBy({ box }: Pick<Field, 'box'>): Word {
  return { text: '', confidence: 1, box }
}

/** Reads the part of a page around what no words cover. */
async function readPart(
  working: Working,
  [x0, y0, x1, y1]: Box,
  job: PageJob
): Promise<Recognised> {
  const margin = Math.round(working.dpi * 0.1)
  const [left, top] = [Math.max(0, Math.floor(x0) - margin), Math.max(0, Math.floor(y0) - margin)]
  const [width, height] = [
    Math.min(working.width, Math.ceil(x1) + margin) - left,
    Math.min(working.height, Math.ceil(y1) + margin) - top
  ]
  const part: Raster = await cut(working, left, top, width, height)
  const { found, rotation, skew, raster } = await readRaster({ ...working, ...part }, job)
  const back = ({ box, ...word }: Word): Word => {
    const [a, b, c, d] = rotateBox(box, raster, -(rotation + skew), part)
    return { ...word, box: [a + left, b + top, c + left, d + top] }
  }
  return { ...found, words: found.words.map(back) }
}

function frameOf({ page, scale }: PageLook, { width, height }: Frame): Frame {
  const viewport = page.getViewport({ scale })
  return Math.abs(viewport.width - width) < 2 && Math.abs(viewport.height - height) < 2
    ? { width, height }
    : viewport
}
