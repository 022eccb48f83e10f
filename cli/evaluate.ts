/**
 * How well matching, duplicates and learned routing do on pairs and labels that are known, and the
 * import of the register. Their rooms are loaded when asked for: their tables have no place in the
 * memory of a running intake.
 */
import path from 'node:path'
import { Command } from 'commander'
import type { Runtime } from '../core/runtime.ts'
import type { ColumnRole } from '../core/matching/columns.ts'
import { nameOf, readTextInput, requireReadable } from './files.ts'
import { Misuse, print, printJson, say, withRuntime } from './shared.ts'

interface MatchOptions {
  truth: string
  map: string[]
  pair?: string
  json?: boolean
}

export function evaluateCommands(): Command[] {
  return [
    new Command('match').description('The matching of people').addCommand(matchEvaluate()),
    new Command('duplicates')
      .description('The finding of duplicates')
      .addCommand(duplicatesEvaluate()),
    new Command('routes').description('The suggesting of departments').addCommand(routesEvaluate()),
    new Command('constituents')
      .description("The agency's register")
      .addCommand(constituentsImport())
  ]
}

function matchEvaluate(): Command {
  return new Command('evaluate')
    .description(
      'Precision, recall and F1 against known pairs; the same file twice finds the duplicates within it'
    )
    .argument('<left.csv>')
    .argument('<right.csv>')
    .requiredOption('--truth <pairs.csv>', 'columns left,right')
    .option('--map <column=role...>', 'what a column means', [])
    .option('--pair <a,b>', "explain one pair: each field's weight")
    .option('--json', 'print JSON')
    .action(async (left: string, right: string, options: MatchOptions) => {
      const [a, b, truth] = await Promise.all(
        [left, right, options.truth].map((file) => readFilled(file))
      )
      const { evaluate } = await import('../core/evaluation/matching.ts')
      const { figures, comparable, explain } = evaluate(a!, b!, truth!, {
        map: await parseMap(options.map)
      })
      if (!comparable)
        throw new Misuse(
          'There is nothing to compare: one of the files has no row, or no column that says something about a person. --map says what a column means, as in --map Nachname=family.'
        )
      if (figures.truePairs === 0)
        throw new Misuse(
          `There is nothing to compare: ${options.truth} has no pair; it takes columns left,right of ids.`
        )
      const [one, other] = options.pair?.split(',') ?? []
      const pair = one && other ? explain(one, other) : undefined
      if (options.json) return printJson({ ...figures, ...(pair ? { pair } : {}) })
      print(
        `precision ${figures.precision}  recall ${figures.recall}  F1 ${figures.f1}  (${figures.foundPairs} found, ${figures.truePairs} true, ${figures.seconds} s)`
      )
      if (pair) print(JSON.stringify(pair, undefined, 2))
    })
}

function duplicatesEvaluate(): Command {
  return new Command('evaluate')
    .description('Precision, recall and F1 over contacts with known clusters or campaigns')
    .argument('<contacts.jsonl>')
    .option('--json', 'print JSON')
    .action(async (file: string, options: { json?: boolean }) => {
      const { evaluateDuplicates } = await import('../core/evaluation/duplicates.ts')
      const figures = evaluateDuplicates(await readFilled(file))
      if (figures.rows === 0)
        throw new Misuse(
          `${file} has no row with a text: it takes one JSON object a line, with "text".`
        )
      show(figures, options.json)
    })
}

function routesEvaluate(): Command {
  return new Command('evaluate')
    .description('Learns departments from one file of texts and labels, and tries them on another')
    .argument('<train.csv>')
    .argument('<test.csv>')
    .option('--json', 'print JSON')
    .action(async (train: string, test: string, options: { json?: boolean }) => {
      const { evaluateRoutes } = await import('../core/evaluation/routing.ts')
      const figures = evaluateRoutes(await readFilled(train), await readFilled(test))
      const empty = figures.trained === 0 ? train : figures.tested === 0 ? test : undefined
      if (empty !== undefined)
        throw new Misuse(
          `${empty} has no row with a text and a label: it takes a CSV file with columns such as text and department.`
        )
      show(figures, options.json)
    })
}

function constituentsImport(): Command {
  return new Command('import')
    .description("Brings the agency's register in; again with the same file updates it")
    .argument('<csv>')
    .option('--map <column=role...>', 'what a column means', [])
    .option('--json', 'print JSON')
    .action((file: string, options: { map: string[]; json?: boolean }) =>
      requireReadable([file]).then(() =>
        withRuntime(async (runtime) => {
          const { readRegister } = await import('../core/matching/csv-register.ts')
          const { importRows } = await import('../core/matching/register.ts')
          const { protectionOf } = await import('../core/people/recognition.ts')
          const { rows, rejects, columns } = readRegister(await readFilled(file), {
            map: await parseMap(options.map)
          })
          const done = await importRows(
            runtime.db,
            path.basename(file),
            rows,
            protectionOf(runtime),
            ({ added, updated, unchanged }) =>
              say(`${added + updated + unchanged} of ${rows.length}`)
          )
          const looked = await lookAtAll(runtime)
          if (options.json)
            return printJson({ ...done, looked, rejected: rejects.length, rejects, columns })
          print(
            `${done.added} added, ${done.updated} updated, ${done.unchanged} unchanged, ${rejects.length} rejected; ${looked} earlier contacts looked at again`
          )
          for (const reject of rejects)
            print(
              `  ${reject.line ? `line ${reject.line}` : (reject.externalId ?? 'a row')}: ${reject.reason}`
            )
        })
      )
    )
}

/** Earlier contacts that the register explains. */
async function lookAtAll({
  db,
  log,
  agency,
  secret
}: Pick<Runtime, 'db' | 'log' | 'agency' | 'secret'>): Promise<number> {
  const { lookAtDue } = await import('../core/people/looks.ts')
  const { openRecognition } = await import('../core/people/recognition.ts')
  const recognition = openRecognition({ db, agency, secret })
  let looked = 0
  for (let some = -1; some !== 0; looked += some) {
    some = await lookAtDue({ db, log, recognition })
    say(`${looked + some} earlier contacts looked at again`)
  }
  return looked
}

async function parseMap(entries: readonly string[]): Promise<Record<string, ColumnRole>> {
  const { roles } = await import('../core/matching/columns.ts')
  return Object.fromEntries(
    entries.map((entry) => {
      const [column = '', role = ''] = entry.split('=')
      if (!roles.includes(role as ColumnRole))
        throw new Misuse(`--map ${entry}: the roles are ${roles.join(', ')}`)
      return [column, role as ColumnRole]
    })
  )
}

/** A measure over nothing would look like a result. @throws Misuse */
async function readFilled(file: string): Promise<string> {
  const text = await readTextInput(file)
  if (text.trim() === '') throw new Misuse(`${nameOf(file)} is empty.`)
  return text
}

function show(figures: object, json: boolean | undefined): void {
  if (json) return printJson(figures)
  for (const [name, value] of Object.entries(figures))
    print(`${name.padEnd(12)} ${JSON.stringify(value)}`)
}
