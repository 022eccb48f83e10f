/** The line as a picture: a dot for each message, or a bar where there are many. */

/** More dots than this are no longer seen one by one on a phone. */
export const MOST_DOTS = 40

export interface LineFigure {
  /** One dot a message, the next to be read first; empty where a bar is drawn. */
  readonly dots: readonly { readonly x: string; readonly kind: 'ahead' | 'you' | 'behind' }[]
  /** Where "you" stands, from 0 % to 100 % of the figure's width. */
  readonly you: string
  /** Where the word "You" has room: at the edges it leans inwards. */
  readonly anchor: 'start' | 'middle' | 'end'
}

/** @param place 1 is the next to be read; at most `waiting` */
export function drawLine(place: number, waiting: number): LineFigure {
  const at = (index: number) => 4 + (waiting === 1 ? 0 : (92 * index) / (waiting - 1))
  const own = at(place - 1)
  return {
    dots:
      waiting > MOST_DOTS
        ? []
        : Array.from({ length: waiting }, (_, index) => ({
            x: percent(at(index)),
            kind: index + 1 < place ? 'ahead' : index + 1 === place ? 'you' : 'behind'
          })),
    you: percent(own),
    anchor: own < 8 ? 'start' : own > 92 ? 'end' : 'middle'
  }
}

function percent(value: number): string {
  return `${Math.round(value * 100) / 100}%`
}
