import { Argument, Command, Option } from 'commander'
import type { BenchReport } from '../bench/report.ts'
import { print, printJson, say, wholeNumber } from './shared.ts'

type Kind = 'accept' | 'settle' | 'read' | 'parse' | 'match' | 'line' | 'search' | 'stall'

interface Options {
  json?: boolean
  contacts: number
  seconds: number
  waiting: number[]
  sessions: number[]
  register: number[]
  queries: number
  rounds: number
  pages: number[]
  queues: ('postgres' | 'redis')[]
  stored: number[]
  mails?: string
  root?: string
  only?: string
}

const list = (text: string) => text.split(',').map(wholeNumber(1))

export function benchCommand(): Command {
  return new Command('bench')
    .description('Measures this machine end to end, with every write synced, on a temporary folder')
    .addArgument(
      new Argument('<what>').choices([
        'accept',
        'settle',
        'read',
        'parse',
        'match',
        'line',
        'search',
        'stall'
      ] satisfies Kind[])
    )
    .option('--contacts <n>', 'contacts (or cases) per measurement', wholeNumber(1), 5_000)
    .option('--seconds <n>', 'length of a paced measurement', wholeNumber(1), 20)
    .option('--waiting <n,n…>', 'lengths of the line', list, [1_000, 100_000, 1_000_000])
    .option('--sessions <n,n…>', 'sessions at once', list, [1, 8, 32])
    .option('--rounds <n>', 'readings of each page or mail', wholeNumber(1), 1)
    .option('--pages <n,n…>', 'lengths of scanned documents', list, [4, 8])
    .addOption(
      new Option('--queues <kind,kind>', 'where BullMQ keeps its jobs')
        .argParser((text) => text.split(','))
        .default(['postgres', 'redis'])
    )
    .option('--register <n,n…>', 'sizes of the register', list, [10_000, 100_000])
    .option('--queries <n>', 'contacts matched at each size', wholeNumber(1), 2_000)
    .option('--stored <n,n…>', 'search: contacts stored', list, [10_000, 100_000])
    .option('--mails <folder>', 'parse: saved mails instead of made-up ones')
    .option('--root <folder>', 'stall: another checkout to try')
    .option('--only <text>', 'stall: only doors and shapes whose name holds it')
    .option('--json', 'print JSON')
    .action(async (what: Kind, options: Options) => {
      const done = await run(what, options)
      if (options.json) printJson(done)
      else show(done)
    })
}

async function run(what: Kind, options: Options): Promise<BenchReport> {
  if (what === 'accept') return (await import('../bench/accept.ts')).benchAccept(options, say)
  if (what === 'settle') return (await import('../bench/settle.ts')).benchSettle(options, say)
  if (what === 'read') return (await import('../bench/read.ts')).benchRead(options, say)
  if (what === 'parse') return (await import('../bench/parse.ts')).benchParse(options, say)
  if (what === 'stall') return (await import('../bench/stall.ts')).benchStall(options, say)
  if (what === 'search')
    return (await import('../bench/search.ts')).benchSearch(
      { sizes: options.stored, queries: Math.min(200, options.queries) },
      say
    )
  if (what === 'match') return runMatch(options)
  return (await import('../bench/line.ts')).benchLine(
    { waiting: options.waiting, cases: options.contacts, agents: 32 },
    say
  )
}

async function runMatch({ register: sizes, queries }: Options): Promise<BenchReport> {
  const { benchMatch } = await import('../bench/match.ts')
  const { runtime, close } = await (
    await import('../bench/runtime.ts')
  ).openBenchRuntime('postgres')
  try {
    return await benchMatch(runtime.db, {
      sizes,
      queries,
      baselineQueries: Math.min(100, queries),
      onProgress: say
    })
  } finally {
    await close()
  }
}

function show({ machine, results, ratios }: BenchReport): void {
  print(`${machine.cores} cores, ${machine.memoryGb} GB, ${machine.cpu}`)
  for (const one of results)
    print(
      `${one.name.padEnd(44)} ${String(one.perSecond).padStart(7)}/s   ${one.p50Ms === undefined ? '' : `p50 ${one.p50Ms} ms   p99 ${one.p99Ms} ms   `}${one.rssMb} MB`
    )
  for (const one of ratios) print(`${one.name}: ${one.ratio}`)
}
