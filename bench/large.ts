import type { MongoClient } from 'mongodb'
import { HOME, LARGE, long, makeShop } from '../test/large/shop.ts'
import type { Measured } from './measure.ts'

/** A command on the large shop, and what it may take. */
interface Limit {
  command: string[]
  seconds: number
  memoryMb: number
}

const limits: Limit[] = [
  { command: ['run', '--json'], seconds: 120, memoryMb: 900 },
  { command: ['check'], seconds: 60, memoryMb: 900 },
  { command: ['ask'], seconds: 10, memoryMb: 300 },
  { command: ['ask', '2', '--csv'], seconds: 10, memoryMb: 400 },
  { command: ['report'], seconds: 5, memoryMb: 200 },
  { command: ['quarantine'], seconds: 5, memoryMb: 200 },
  { command: ['explain', 'country', HOME], seconds: 10, memoryMb: 250 },
  { command: ['explain', 'country', 'Unknown'], seconds: 10, memoryMb: 250 },
  { command: ['explain', 'product', 'Unknown'], seconds: 10, memoryMb: 250 },
  { command: ['explain', 'product', long('product', 0)], seconds: 10, memoryMb: 250 },
  { command: ['explain', 'customer', long('customer', 0)], seconds: 10, memoryMb: 250 },
  { command: ['explain', 'month', '2023-05'], seconds: 10, memoryMb: 250 },
]

/** Runs each command on a large shop, and tells its time and memory beside their limits. */
export async function measureLarge(
  client: MongoClient,
  bronze: string,
  lingot: (...args: string[]) => Promise<Measured>,
): Promise<string> {
  await makeShop(client, bronze, LARGE)
  const rows: string[] = []
  for (const { command, seconds, memoryMb } of limits) {
    const measured = await lingot(...command)
    const memory = measured.memory['process'] ?? 0
    const isKept = measured.seconds <= seconds && memory <= memoryMb
    const name = command.map((word) => (word.length > 20 ? `${word.slice(0, 8)}…` : word)).join(' ')
    rows.push(
      `| ${name} | ${measured.seconds.toFixed(1)} | ${seconds} | ${memory} | ${memoryMb} | ${isKept ? '✔' : '✖'} |`,
    )
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
    '| command | s | at most | MB | at most | |',
    '| --- | ---: | ---: | ---: | ---: | --- |',
    ...rows,
  ].join('\n')
}
