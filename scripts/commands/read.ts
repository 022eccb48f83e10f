import { Command, Option } from 'commander'

interface Options { json?: boolean; pdf?: string; languages: string[]; engine: 'wasm' | 'native'; barcodes?: boolean }

/** Documents only: pages, text, words with confidence, and on wish a searchable PDF. */
export function readDocumentCommand(): Command {
  return new Command('read').description('Reads a document: pages, text, words with confidence').argument('<file>')
    .option('--pdf <out.pdf>', 'write a searchable PDF').option('--languages <tag,tag>', 'languages it may be in', (text: string) => text.split(','), ['eng'])
    .addOption(new Option('--engine <name>', 'who recognises the text').choices(['wasm', 'native']).default('wasm')).option('--barcodes', 'also look for barcodes').option('--json', 'print JSON')
    .action(async (file: string, options: Options) => {
      const { readCommand } = await import('../../core/documents/command.ts')
      process.exitCode = await readCommand({ file, ...options }, { out: (text) => process.stdout.write(text), err: (text) => process.stderr.write(text) })
    })
}
