import fs from 'node:fs/promises'
import { Command, Option } from 'commander'
import { readLimits } from '../channels/email/limits.ts'
import { readInput, requireReadable, requireWritable } from './files.ts'
import { print, printJson } from './shared.ts'

interface Options {
  json?: boolean
  pdf?: string
  languages: string[]
  engine: 'wasm' | 'native'
  barcodes?: boolean
}

/** Documents only: pages, text, words with confidence, and on wish a searchable PDF. */
export function readDocumentCommand(): Command {
  return new Command('read')
    .description('Reads a document: pages, text, words with confidence')
    .argument('<file>', '- for standard input')
    .option('--pdf <out.pdf>', 'write a searchable PDF')
    .option('--languages <tag,tag>', 'languages it may be in', (text: string) => text.split(','), [
      'eng'
    ])
    .addOption(
      new Option('--engine <name>', 'who recognises the text')
        .choices(['wasm', 'native'])
        .default('wasm')
    )
    .option('--barcodes', 'also look for barcodes')
    .option('--json', 'print JSON')
    .action(async (file: string, options: Options) => {
      await requireReadable([file])
      if (options.pdf !== undefined) await requireWritable(options.pdf)
      const input = file === '-' ? await readInput(file) : file
      const said = options.pdf === undefined ? await inWords(input) : undefined
      if (said !== undefined) return options.json ? printJson(said) : print(said.pages[0]!.text)
      const { readCommand } = await import('../core/documents/command.ts')
      process.exitCode = await readCommand(
        { file: input, ...options },
        { out: (text) => process.stdout.write(text), err: (text) => process.stderr.write(text) }
      )
    })
}

/** An invitation or a card, which has no pages: one without words apart, as `read --json` shows. */
async function inWords(input: string | Uint8Array) {
  const started = performance.now()
  const documents = await import('../channels/email/documents.ts')
  const found = documents.inWords(typeof input === 'string' ? await beginningOf(input) : input)
  if (!found) return undefined
  const page = { number: 1, text: found.text, confidence: 1, rotation: 0, blank: false, words: [] }
  return {
    mediaType: found.mediaType,
    pages: [page],
    outcome: 'read',
    seconds: Math.round(performance.now() - started) / 1_000
  }
}

/** As much of a file as is read of an invitation. */
async function beginningOf(file: string): Promise<Uint8Array> {
  const handle = await fs.open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(readLimits.calendarBytes))
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}
