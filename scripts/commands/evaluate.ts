/**
 * How well matching, duplicates and learned routing do on pairs and labels that are known, and the import of the register. Their
 * rooms are loaded when asked for: their tables have no place in the memory of a running intake.
 */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import type { Kysely } from 'kysely'
import type { Role } from '../../core/matching/columns.ts'
import { print, printJson, say, withGround } from './shared.ts'

interface MatchOptions { truth: string; map: string[]; pair?: string; json?: boolean }

export function evaluateCommands(): Command[] {
  return [
    new Command('match').description('The matching of people').addCommand(matchEvaluate()),
    new Command('duplicates').description('The finding of duplicates').addCommand(duplicatesEvaluate()),
    new Command('routes').description('The suggesting of departments').addCommand(routesEvaluate()),
    new Command('constituents').description('The agency\'s register').addCommand(constituentsImport())
  ]
}

function matchEvaluate(): Command {
  return new Command('evaluate').description('Precision, recall and F1 against known pairs; the same file twice finds the duplicates within it')
    .argument('<left.csv>').argument('<right.csv>').requiredOption('--truth <pairs.csv>', 'columns left,right').option('--map <column=role...>', 'what a column means', [])
    .option('--pair <a,b>', 'explain one pair: each field\'s weight').option('--json', 'print JSON')
    .action(async (left: string, right: string, options: MatchOptions) => {
      const [a, b, truth] = await Promise.all([left, right, options.truth].map((file) => readFile(file, 'utf8')))
      const { evaluate } = await import('../../core/matching/evaluate.ts')
      const { figures, explain } = evaluate(a!, b!, truth!, { map: await parseMap(options.map) })
      const [one, other] = options.pair?.split(',') ?? []
      const pair = one && other ? explain(one, other) : undefined
      if (options.json) return printJson({ ...figures, ...(pair ? { pair } : {}) })
      print(`precision ${figures.precision}  recall ${figures.recall}  F1 ${figures.f1}  (${figures.foundPairs} found, ${figures.truePairs} true, ${figures.seconds} s)`)
      if (pair) print(JSON.stringify(pair, undefined, 2))
    })
}

function duplicatesEvaluate(): Command {
  return new Command('evaluate').description('Precision, recall and F1 over contacts with known clusters or campaigns').argument('<contacts.jsonl>').option('--json', 'print JSON')
    .action(async (file: string, options: { json?: boolean }) => {
      const { evaluateDuplicates } = await import('../../core/duplicates/evaluate.ts')
      show(evaluateDuplicates(await readFile(file, 'utf8')), options.json)
    })
}

function routesEvaluate(): Command {
  return new Command('evaluate').description('Learns departments from one file of texts and labels, and tries them on another').argument('<train.csv>').argument('<test.csv>').option('--json', 'print JSON')
    .action(async (train: string, test: string, options: { json?: boolean }) => {
      const { evaluateRoutes } = await import('../../core/routing/evaluate.ts')
      show(evaluateRoutes(await readFile(train, 'utf8'), await readFile(test, 'utf8')), options.json)
    })
}

function constituentsImport(): Command {
  return new Command('import').description('Brings the agency\'s register in; again with the same file updates it').argument('<csv>').option('--map <column=role...>', 'what a column means', []).option('--json', 'print JSON')
    .action((file: string, options: { map: string[]; json?: boolean }) => withGround(async (ground) => {
      const { readRegister } = await import('../../core/matching/csv-register.ts')
      const { importRows } = await import('../../core/matching/register.ts')
      const { protectionOf } = await import('../../core/people/recognition.ts')
      const { rows, rejects, columns } = readRegister(await readFile(file, 'utf8'), { map: await parseMap(options.map) })
      const done = await importRows(ground.db as unknown as Kysely<unknown>, path.basename(file), rows, protectionOf(ground), ({ added, updated, unchanged }) => say(`${added + updated + unchanged} of ${rows.length}`))
      if (options.json) return printJson({ ...done, rejected: rejects.length, rejects, columns })
      print(`${done.added} added, ${done.updated} updated, ${done.unchanged} unchanged, ${rejects.length} rejected`)
      for (const reject of rejects) print(`  ${reject.line ? `line ${reject.line}` : reject.externalId ?? 'a row'}: ${reject.reason}`)
    }))
}

async function parseMap(entries: readonly string[]): Promise<Record<string, Role>> {
  const { roles } = await import('../../core/matching/columns.ts')
  return Object.fromEntries(entries.map((entry) => {
    const [column = '', role = ''] = entry.split('=')
    if (!roles.includes(role as Role)) throw new InvalidArgumentError(`--map ${entry}: the roles are ${roles.join(', ')}`)
    return [column, role as Role]
  }))
}

function show(figures: object, json: boolean | undefined): void {
  if (json) return printJson(figures)
  for (const [name, value] of Object.entries(figures)) print(`${name.padEnd(12)} ${JSON.stringify(value)}`)
}
