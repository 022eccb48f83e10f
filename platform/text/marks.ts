/** Marks that platform/html writes into texts for what is not plain words. */

/** Characters of an image's description. A longer one is not a description. */
export const IMAGE_WORDS = 200

/** Words that the writer struck out, as ~~this~~. A line of tildes is decoration. */
const struck = /(?<!~)~~(?=[^\s~])[^~]+~~(?!~)/g
/** An image, with the description that came with it; Gmail writes the same. */
const images = new RegExp(`\\[image: [^\\]\\n]{0,${IMAGE_WORDS}}\\]`, 'g')

/** The text without what its writer struck out. */
export function withoutStruck(text: string): string {
  return text.replace(struck, ' ')
}

/**
 * The text without image descriptions, which may belong to a logo and are rarely the writer's own
 * words.
 */
export function withoutImages(text: string): string {
  return text.replace(images, ' ')
}

/** Ends of names of picture files. */
const file = String.raw`\.(?:png|gif|jpe?g|bmp|webp|heic|tiff?|svg)`
/**
 * What mail programs write where a picture stands between the words: Gmail and we a description,
 * Outlook its Content-ID or name, Apple the name in <>, others that it is one.
 */
const placeholder = new RegExp(
  String.raw`\[(?:cid:[^\]\s]{1,500}|(?:inline )?image: [^\]\n]{0,${IMAGE_WORDS}}|(?:inline )?(?:image|logo|photo|picture) ?\d{0,3}|[^\][\s/:]{1,${IMAGE_WORDS}}${file})\]|<[^<>\n/:@]{1,${IMAGE_WORDS}}${file}>`,
  'gi'
)

/** The text without what stands for a picture in it. Lines that were nothing else are left out. */
export function withoutPictures(text: string): string {
  if (!/[[<]/.test(text)) return text
  return text
    .split('\n')
    .flatMap((line) => {
      const words = line.replace(placeholder, ' ')
      if (words === line) return [line]
      return words.trim() === '' ? [] : [words.replace(/ {2,}/g, ' ').trim()]
    })
    .join('\n')
    .trim()
}

/** The mark of an image with a description. */
export function imageMark(words: string): string {
  return `[image: ${words
    .replace(/[\s\]]+/g, ' ')
    .trim()
    .slice(0, IMAGE_WORDS)}]`
}
