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

/** The mark of an image with a description. */
export function imageMark(words: string): string {
  return `[image: ${words
    .replace(/[\s\]]+/g, ' ')
    .trim()
    .slice(0, IMAGE_WORDS)}]`
}
