import { Argument, Command, Option } from 'commander'
import { anyTables } from '../../core/db/database.ts'
import type { BenchReport } from '../../bench/report.ts'
import { print, printJson, say } from './shared.ts'

type Kind = 'accept' | 'settle' | 'read' | 'match' | 'line'

interface Options { json?: boolean; contacts: number; seconds: number; waiting: number[]; sessions: number[]; register: number[]; queries: number; rounds: number; pages: number[]; queues: ('postgres' | 'redis')[] }

const list = (text: string) => text.split(',').map(Number)

export function benchCommand(): Command {
  return new Command('bench').description('Measures this machine end to end, with every write synced, on a temporary folder')
    .addArgument(new Argument('<what>').choices(['accept', 'settle', 'read', 'match', 'line'] satisfies Kind[]))
    .option('--contacts <n>', 'contacts (or cases) per measurement', Number, 5_000).option('--seconds <n>', 'length of a paced measurement', Number, 20)
    .option('--waiting <n,n…>', 'lengths of the line', list, [1_000, 100_000, 1_000_000]).option('--sessions <n,n…>', 'sessions at once', list, [1, 8, 32])
    .option('--rounds <n>', 'readings of each page', Number, 1).option('--pages <n,n…>', 'lengths of scanned documents', list, [4, 8])
    .addOption(new Option('--queues <kind,kind>', 'where BullMQ keeps its jobs').argParser((text) => text.split(',')).default(['postgres', 'redis']))
    .option('--register <n,n…>', 'sizes of the register', list, [10_000, 100_000]).option('--queries <n>', 'contacts matched at each size', Number, 2_000)
    .option('--json', 'print JSON')
    .action(async (what: Kind, options: Options) => {
      const done = await run(what, options)
      if (options.json) printJson(done)
      else show(done)
    })
}

async function run(what: Kind, options: Options): Promise<BenchReport> {
  if (what === 'accept') return (await import('../../bench/accept.ts')).benchAccept(options, say)
  if (what === 'settle') return (await import('../../bench/settle.ts')).benchSettle(options, say)
  if (what === 'read') return (await import('../../bench/read.ts')).benchRead(options, say)
  if (what === 'match') return runMatch(options)
  return (await import('../../bench/line.ts')).benchLine({ waiting: options.waiting, cases: options.contacts, agents: 32 }, say)
}

async function runMatch({ register: sizes, queries }: Options): Promise<BenchReport> {
  const { benchMatch } = await import('../../bench/match.ts')
  const { ground, close } = await (await import('../../bench/ground.ts')).openBenchGround('postgres')
  try {
    return await benchMatch(anyTables(ground.db), { sizes, queries, baselineQueries: Math.min(100, queries), onProgress: say })
  } finally {
    await close()
  }
}

function show({ machine, results, ratios }: BenchReport): void {
  print(`${machine.cores} cores, ${machine.memoryGb} GB, ${machine.cpu}`)
  for (const one of results) print(`${one.name.padEnd(44)} ${String(one.perSecond).padStart(7)}/s   ${one.p50Ms === undefined ? '' : `p50 ${one.p50Ms} ms   p99 ${one.p99Ms} ms   `}${one.rssMb} MB`)
  for (const one of ratios) print(`${one.name}: ${one.ratio}`)
}
