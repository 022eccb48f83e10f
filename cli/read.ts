import { Command, Option } from 'commander'
import { readInput, requireReadable, requireWritable } from './files.ts'

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
      const { readCommand } = await import('../core/documents/command.ts')
      process.exitCode = await readCommand(
        { file: file === '-' ? await readInput(file) : file, ...options },
        { out: (text) => process.stdout.write(text), err: (text) => process.stderr.write(text) }
      )
    })
}
