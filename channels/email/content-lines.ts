/** Lines of calendars and cards (RFC 5545 section 3.1, RFC 6350 section 3.3). */

/** Characters read of one value: a description may hold a whole letter. */
const VALUE_LENGTH = 50_000

export interface Line {
  /** In capitals, without a group ("item1."). */
  readonly name: string
  readonly parameters: string
  readonly value: string
}

/** The lines of a source with folded ones put together; undefined for what is none. */
export function contentLines(source: string): (Line | undefined)[] {
  return source
    .replace(/\r\n?/g, '\n')
    .replace(/\n[ \t]/g, '')
    .split('\n')
    .map(lineOf)
}

/** `NAME;PARAMETER="a:b":value`; a colon in quotation marks is part of the parameter. */
function lineOf(line: string): Line | undefined {
  const [, name, parameters, value] =
    /^(?:[A-Za-z0-9-]{1,40}\.)?([A-Za-z0-9-]{1,40})((?:;(?:"[^"]*"|[^":])*)?):(.*)$/.exec(
      line.slice(0, VALUE_LENGTH)
    ) ?? []
  return name === undefined
    ? undefined
    : { name: name.toUpperCase(), parameters: parameters ?? '', value: value ?? '' }
}

export function unescaped(value: string): string {
  return value.replace(/\\([nN,;\\])/g, (_whole, letter: string) =>
    letter.toLowerCase() === 'n' ? '\n' : letter
  )
}
