import type { MongoClient } from 'mongodb'
import { addresses } from '../test/large/addresses.ts'
import { HOME, LARGE, long, makeShop } from '../test/large/shop.ts'
import { serving } from './dashboard.ts'
import { type Measured, measureCommand } from './measure.ts'

/** A command on the large shop, and what it may take. */
interface Limit {
  command: string[]
  seconds: number
  memoryMb: number
  /** Of what it prints. */
  outputMb?: number
}

const limits: Limit[] = [
  { command: ['run', '--json'], seconds: 120, memoryMb: 900 },
  { command: ['check'], seconds: 60, memoryMb: 900 },
  { command: ['ask'], seconds: 10, memoryMb: 300 },
  { command: ['ask', '2', '--csv'], seconds: 10, memoryMb: 400 },
  { command: ['report'], seconds: 5, memoryMb: 200 },
  { command: ['report', '--html', '-'], seconds: 15, memoryMb: 300, outputMb: 1 },
  { command: ['report', '--html', '-', '--period', 'all'], seconds: 15, memoryMb: 300, outputMb: 1 },
  { command: ['quarantine'], seconds: 5, memoryMb: 200 },
  { command: ['explain', 'country', HOME], seconds: 10, memoryMb: 250 },
  { command: ['explain', 'country', 'Unknown'], seconds: 10, memoryMb: 250 },
  { command: ['explain', 'product', 'Unknown'], seconds: 10, memoryMb: 250 },
  { command: ['explain', 'product', long('product', 0)], seconds: 10, memoryMb: 250 },
  { command: ['explain', 'customer', long('customer', 0)], seconds: 10, memoryMb: 250 },
  { command: ['explain', 'month', '2023-05'], seconds: 10, memoryMb: 250 },
]

/** Of the data of a page, the first time that it is asked for. */
const PAGE = { seconds: 1, outputMb: 1 }

/** Runs each command on a large shop, asks for each page, and tells time, memory and size beside their limits. */
export async function measureLarge(
  client: MongoClient,
  bronze: string,
  lingot: readonly string[],
  env: Readonly<Record<string, string>>,
  servers: Readonly<Record<string, number>>,
): Promise<string> {
  await makeShop(client, bronze, LARGE)
  const [run, ...others] = limits
  const rows = run === undefined ? [] : [await commandRow(run)]
  // At once: nobody has looked at this gold yet.
  await serving(lingot, env, async (origin) => {
    for (const address of addresses) {
      const start = performance.now()
      const answer = await fetch(origin + address)
      const output = await answer.text()
      const measured: Measured = { seconds: (performance.now() - start) / 1000, memory: {}, cpu: {}, output }
      rows.push(row(answer.ok ? address : `${address} (${answer.status})`, measured, PAGE))
    }
  })
  for (const limit of others) rows.push(await commandRow(limit))

  async function commandRow(limit: Limit): Promise<string> {
    return row(limit.command.join(' '), await measureCommand([...lingot, ...limit.command], env, servers), limit)
  }

  const { products, customers, campaigns, countries, sales } = LARGE
  const told = { products, customers, campaigns, countries, sales }
  return [
    '## Large shop',
    '',
    `${Object.entries(told)
      .map(([name, count]) => `${count.toLocaleString('en')} ${name}`)
      .join(', ')}; ids of 200 characters.`,
    '',
    '| | s | at most | memory, MB | at most | output, MB | at most | |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |',
    ...rows,
  ].join('\n')
}

function row(
  name: string,
  { seconds, memory, output }: Measured,
  most: { seconds: number; memoryMb?: number; outputMb?: number },
): string {
  const measured: [number, number | undefined, number][] = [
    [seconds, most.seconds, 2],
    [memory['process'] ?? 0, most.memoryMb, 0],
    [Buffer.byteLength(output) / 1e6, most.outputMb, 2],
  ]
  const isKept = measured.every(([value, limit]) => limit === undefined || value <= limit)
  const cells = measured.map(([value, limit, digits]) => `${value.toFixed(digits)} | ${limit ?? ''}`)
  return `| ${name.replace(/(-{3})-{9,}/g, '$1…')} | ${cells.join(' | ')} | ${isKept ? '✔' : '✖'} |`
}
