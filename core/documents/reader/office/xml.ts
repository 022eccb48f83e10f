import { Parser } from 'htmlparser2'
import { limits } from '../../limits.ts'
import { Refused } from '../refused.ts'

/**
 * Attributes by their whole names and, where that is not taken, without the prefix, which a file
 * may choose.
 */
export type Attributes = Readonly<Record<string, string>>

export interface XmlEvents {
  /** Names come without their prefix. */
  readonly open: (name: string, attributes: Attributes) => void
  readonly text?: (text: string) => void
  readonly close?: (name: string) => void
}

/** Elements left to be walked in a document's parts together. */
export interface XmlBudget {
  elements: number
}

export function xmlBudget(): XmlBudget {
  return { elements: limits.officeElements }
}

const CHUNK = 1024 ** 2

/**
 * Walks a part in one pass. Entities of its own are not expanded. @throws Refused over a bound, for
 * a document type, and where elements are not closed
 */
export function walkXml(bytes: Uint8Array, events: XmlEvents, budget: XmlBudget): void {
  let depth = 0
  let ending = false
  let justOpened = false
  const parser = new Parser(
    {
      onopentag: (name, attributes) => {
        if (--budget.elements < 0) throw new Refused('has more elements than are read by machine')
        if (++depth > limits.officeDepth)
          throw new Refused(`has elements nested deeper than ${limits.officeDepth}`)
        justOpened = true
        events.open(localName(name), withLocalNames(attributes))
      },
      ontext: (text) => {
        justOpened = false
        events.text?.(text)
      },
      onclosetag: (name, implied) => {
        // One that is closed in its own tag counts as implied too; any other is closed by an
        // element around it.
        if (ending || (implied && !justOpened))
          throw new Refused(
            'is damaged: a part of it breaks off, or its elements do not fit together'
          )
        justOpened = false
        depth -= 1
        events.close?.(localName(name))
      },
      onprocessinginstruction: (name) => {
        if (name.toLowerCase() === '!doctype')
          throw new Refused('declares a document type of its own, which office files do not have')
      }
    },
    { xmlMode: true, decodeEntities: true }
  )
  const decoder = new TextDecoder(encodingOf(bytes))
  for (let at = 0; at < bytes.length; at += CHUNK)
    parser.write(decoder.decode(bytes.subarray(at, at + CHUNK), { stream: true }))
  parser.write(decoder.decode())
  // What is closed from here on is closed by the end of the part only.
  ending = true
  parser.end()
}

function encodingOf(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be'
  const said = /^<\?xml[^>]{0,100}?encoding=["']([\w-]{1,40})/i.exec(
    Buffer.from(bytes.subarray(0, 200)).toString('latin1')
  )?.[1]
  return said !== undefined && isEncoding(said) ? said : 'utf-8'
}

function isEncoding(label: string): boolean {
  try {
    return new TextDecoder(label).encoding !== ''
  } catch {
    return false
  }
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}

function withLocalNames(attributes: Record<string, string>): Attributes {
  const all: Record<string, string> = Object.assign(Object.create(null), attributes)
  for (const [name, value] of Object.entries(attributes)) {
    const local = localName(name)
    if (!Object.hasOwn(attributes, local)) all[local] = value
  }
  return all
}

/** What an on/off element or attribute says (ISO 29500-1, 22.9.2.7); its presence alone is on. */
export function isOn(value: string | undefined): boolean {
  return value === undefined || !/^(0|false|off|none)$/i.test(value)
}
