import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from '@commander-js/extra-typings'
import { MongoClient } from 'mongodb'
import { openServers, stopServers } from '../src/servers/servers.ts'
import { startCluster, stopCluster } from '../src/servers/spark/cluster.ts'
import { installSpark } from '../src/servers/spark/installation.ts'
import { loadConfig } from '../src/settings/config.ts'
import { compare, describeComparison } from './against.ts'
import { loadDashboard } from './dashboard.ts'
import { copyBronze, copyGold, dumpGold, readSilver } from './floors.ts'
import { compareGrocer } from './grocer.ts'
import { measureLarge } from './large.ts'
import { type Measured, measureCommand, measureWork } from './measure.ts'
import { measureMemory } from './memory.ts'
import { peerPython, peerScript } from './peers.ts'
import { describe, type Results, type Scale } from './results.ts'
import { measureWorkers, type Workers } from './workers.ts'

const options = new Command('npm run bench --')
  .description(
    'Lingot and its peers in turns on the same data and servers of their own; without options it writes docs/benchmarks.md',
  )
  .option('--scale <factor>', 'times the brief', Number, 67)
  .option('--rounds <number>', 'rounds at all scales but the second', Number, 3)
  .option('--middle <factor>', 'a scale between the two; 0 for none', Number, 20)
  .option('--large <factor>', 'a second scale, for Lingot and Spark alone; 0 for none', Number, 335)
  .option('--large-rounds <number>', 'rounds at the second scale', Number, 1)
  .option('--no-large-shop', 'leave the shop with 100,000 products out')
  .option('--no-grocer', 'leave the real grocer out')
  .option('--no-peers', 'leave the Python peers out')
  .option('--no-spark', 'leave Spark out, which is installed where there is none')
  .option('--against <folder>', 'only compare with another checkout, built, in turns: prints ratios, writes nothing')
  .parse()
  .opts()

const root = fileURLToPath(new URL('..', import.meta.url))
const { against } = options
if (against !== undefined && !existsSync(join(against, 'dist', 'cli.js'))) {
  console.error(`There is no Lingot in ${against} that is built: run \`npm ci\` there.`)
  process.exit(2)
}
const home = mkdtempSync(join(tmpdir(), 'lingot-bench-'))
mkdirSync(join(home, 'bin'))
const mongod = join(root, '.lingot', 'bin', 'mongod')
if (existsSync(mongod)) copyFileSync(mongod, join(home, 'bin', 'mongod'))
const port = 42_000 + Math.floor(Math.random() * 2000)
const config = await loadConfig(home, {
  LINGOT_HOME: home,
  LINGOT_MONGODB_PORT: String(port),
  LINGOT_POSTGRES_PORT: String(port + 3000),
})
const say = (text: string) => console.error(`${new Date().toISOString().slice(11, 19)} ${text}`)

try {
  const servers = await openServers(config)
  const [mongodbUri, postgresUrl] = [servers.mongodb.uri, servers.postgres.uri]
  const client = await MongoClient.connect(mongodbUri)
  const pids = { mongod: pidIn('mongodb/mongod.lock'), postgres: pidIn('postgres/postmaster.pid') }
  if (against === undefined) await measureAll()
  else await compareWith(against)
  await client.close()

  async function compareWith(theirs: string): Promise<void> {
    // A short run needs more of them: its noise is as long as it is.
    for (const [scale, rounds] of [
      [1, options.rounds * 3],
      [options.scale, options.rounds],
    ] as const) {
      const bronze = `bronze_${scale}`
      const env = { MONGODB_URI: mongodbUri, POSTGRES_URL: postgresUrl, LINGOT_BRONZE_DB: bronze }
      say(`scale ${scale}: filling bronze`)
      const cli = join(root, 'dist', 'cli.js')
      await measureCommand([process.execPath, cli, 'generate', '--scale', String(scale)], env, pids)
      const compared = await compare({ ours: root, theirs }, rounds, { env, servers: pids, client, postgresUrl, say })
      console.log(describeComparison(scale, compared))
      for (const name of [bronze, 'silver_ours', 'silver_theirs']) await client.db(name).dropDatabase()
    }
  }

  async function measureAll(): Promise<void> {
    const python = options.peers ? peerPython(join(root, '.lingot')) : undefined
    const versions = python === undefined ? '' : execFileSync(python, ['--version'], { encoding: 'utf8' }).trim()

    const cluster = options.spark ? await sparkCluster() : undefined
    const scales: Scale[] = []
    let workers: Workers | undefined
    for (const [scale, rounds, isAlone] of [
      [1, options.rounds, false],
      [options.middle, options.rounds, false],
      [options.scale, options.rounds, false],
      [options.large, options.largeRounds, true],
    ] as const) {
      if (scale > 0) scales.push(await measureScale(scale, rounds, isAlone))
    }
    const grocer = options.grocer && python !== undefined ? await measureGrocer(python) : undefined
    const [cpu] = cpus()
    const machine = {
      cores: availableParallelism(),
      cpu: cpu?.model.trim() ?? 'unknown',
      memoryGb: Math.round(totalmem() / 2 ** 30),
      versions: [
        `Node ${process.version}`,
        `MongoDB ${servers.mongodb.version}`,
        `PostgreSQL ${servers.postgres.version}`,
        versions,
      ],
    }
    const results: Results = {
      day: new Date().toISOString().slice(0, 10),
      machine,
      command: commandLine(),
      scales,
      ...(grocer && { grocer: grocer.measured }),
      ...(workers && { workers }),
    }
    const text = describe(results)
    // What is published was all measured at once.
    const { peers, spark, middle, large } = options
    if (peers && spark && options.grocer && middle > 0 && large > 0) {
      writeFileSync(join(root, 'bench', 'results.json'), `${JSON.stringify(results, null, 2)}\n`)
      writeFileSync(join(root, 'docs', 'benchmarks.md'), text)
    }
    console.log(text)
    await grocer?.compared()
    if (options.largeShop) {
      say('large shop')
      const env = {
        MONGODB_URI: mongodbUri,
        POSTGRES_URL: postgresUrl,
        LINGOT_BRONZE_DB: 'bronze_shop',
        LINGOT_SILVER_DB: 'silver_shop',
        LINGOT_GOLD_SCHEMA: 'gold_shop',
      }
      const lingot = [process.execPath, join(root, 'dist', 'cli.js')]
      console.log(await measureLarge(client, env.LINGOT_BRONZE_DB, lingot, env, pids))
    }

    async function measureScale(scale: number, rounds: number, isAlone: boolean): Promise<Scale> {
      const names = { bronze: `bronze_${scale}`, silver: `silver_${scale}`, gold: `gold_${scale}` }
      const env = {
        MONGODB_URI: mongodbUri,
        POSTGRES_URL: postgresUrl,
        LINGOT_BRONZE_DB: names.bronze,
        LINGOT_SILVER_DB: names.silver,
        LINGOT_GOLD_SCHEMA: names.gold,
      }
      const cli = join(root, 'dist', 'cli.js')
      const lingot = (...args: string[]) => measureCommand([process.execPath, cli, ...args], env, pids)
      const peer = (name: 'pandas' | 'arrow') => () =>
        measureCommand(
          [python ?? '', peerScript(name), mongodbUri, postgresUrl, names.bronze, `silver_${name}`, `gold_${name}`],
          {},
          pids,
        )
      say(`scale ${scale}: filling bronze`)
      await lingot('generate', '--scale', String(scale))
      const { output } = await lingot('run', '--json')
      const tables = await dumpGold(postgresUrl, names.gold)

      const contenders: Record<string, () => Promise<Measured>> = isAlone
        ? { 'lingot run': () => lingot('run', '--json') }
        : {
            'floor: $out': () => measureWork(() => copyBronze(client, names.bronze, 'floor')),
            'floor: read silver': () => measureWork(() => readSilver(client, names.silver)),
            'floor: COPY gold': () => measureWork(() => copyGold(postgresUrl, names.gold, tables)),
            'lingot process': () => lingot('process'),
            'lingot aggregate': () => lingot('aggregate'),
            'lingot run': () => lingot('run', '--json'),
            ...(python === undefined ? {} : { pandas: peer('pandas'), 'arrow + duckdb': peer('arrow') }),
          }
      // Once: it takes as long as all the others together.
      const onSpark =
        cluster === undefined
          ? undefined
          : () =>
              measureCommand(
                [process.execPath, cli, 'run', '--engine', 'spark', '--json'],
                { ...env, ...cluster.env },
                pids,
              )
      const measured: Scale = { scale, rounds, documents: documentsOf(output), contenders: {}, steps: [] }
      await measureRounds(`scale ${scale}`, measured, contenders)
      if (onSpark !== undefined && cluster !== undefined) {
        const { seconds, output } = await onSpark()
        measured.spark = { seconds, cores: cluster.cores, steps: JSON.parse(output).steps }
        say(`scale ${scale}: lingot run --engine spark ${seconds.toFixed(2)} s`)
      }
      if (scale === options.scale) {
        measured.dashboard = await loadDashboard([process.execPath, cli], env, () => lingot('run', '--json'))
        say(`scale ${scale}: the dashboard during a run, p99 ${measured.dashboard.percentiles[99]?.toFixed(1)} ms`)
      }
      if (scale === options.scale) {
        workers = await measureWorkers(
          (workers) =>
            measureCommand([process.execPath, cli, 'run', '--json'], { ...env, LINGOT_WORKERS: String(workers) }, pids),
          pids.mongod,
          rounds,
          (output) => JSON.parse(output).steps,
        )
      }
      if (!isAlone) measured.memory = await measureMemory(client, postgresUrl, names, () => lingot('run'))
      for (const name of [names.bronze, names.silver, 'floor', 'silver_pandas', 'silver_arrow']) {
        await client.db(name).dropDatabase()
      }
      return measured
    }

    async function measureGrocer(
      python: string,
    ): Promise<{ measured: Omit<Scale, 'scale'>; compared: () => Promise<void> }> {
      say('grocer: filling bronze')
      const config = join(root, 'bench', 'peers', 'grocer.json')
      await measureCommand([python, peerScript('grocer'), mongodbUri, 'grocer'], {}, pids)
      const folder = join(home, 'grocer')
      mkdirSync(folder)
      copyFileSync(config, join(folder, 'lingot.config.json'))
      const env = {
        MONGODB_URI: mongodbUri,
        POSTGRES_URL: postgresUrl,
        LINGOT_BRONZE_DB: 'grocer',
        LINGOT_SILVER_DB: 'grocer_silver',
        LINGOT_GOLD_SCHEMA: 'grocer_gold',
      }
      const cli = join(root, 'dist', 'cli.js')
      const lingot = (...args: string[]) =>
        measureCommand([process.execPath, cli, 'run', '--json', ...args], env, pids, folder)
      const pandas = () =>
        measureCommand(
          [python, peerScript('pandas'), mongodbUri, postgresUrl, 'grocer', 'silver_pandas', 'grocer_pandas', config],
          {},
          pids,
        )
      const { output } = await lingot()
      const measured = { rounds: options.rounds, documents: documentsOf(output), contenders: {}, steps: [] }
      await measureRounds('grocer', measured, { 'lingot run': lingot, pandas })
      const gold = { postgresUrl, schema: env.LINGOT_GOLD_SCHEMA }
      return {
        measured,
        async compared() {
          for (const line of await compareGrocer(python, folder, gold, () => lingot('--accept-shrink')))
            say(`grocer, ${line}`)
          for (const name of ['grocer', 'grocer_silver', 'silver_pandas']) await client.db(name).dropDatabase()
        },
      }
    }

    async function measureRounds(
      what: string,
      measured: Omit<Scale, 'scale'>,
      contenders: Readonly<Record<string, () => Promise<Measured>>>,
    ): Promise<void> {
      for (let round = 1; round <= measured.rounds; round++) {
        for (const [name, measure] of Object.entries(contenders)) {
          const result = await measure()
          say(`${what}, round ${round} of ${measured.rounds}: ${name} ${result.seconds.toFixed(2)} s`)
          const before = measured.contenders[name] ?? { seconds: [], memory: [], cpu: [] }
          measured.contenders[name] = {
            seconds: [...before.seconds, result.seconds],
            memory: [...before.memory, result.memory],
            cpu: [...before.cpu, result.cpu],
          }
          if (name === 'lingot run') measured.steps.push(JSON.parse(result.output).steps)
        }
      }
    }
  }
} finally {
  await stopCluster(home)
  await stopServers(config)
  await rm(home, { recursive: true, force: true })
}

/** A standalone Spark of two workers on this machine, each with one core. */
async function sparkCluster(): Promise<{ env: Record<string, string>; cores: number }> {
  const { home: sparkHome = '', ...spark } = await installSpark(join(root, '.lingot'), say)
  const { workers } = await startCluster({ spark: { ...spark, home: sparkHome }, home, say })
  return {
    env: { LINGOT_HOME: home, SPARK_HOME: sparkHome },
    cores: workers.reduce((sum, { cores }) => sum + cores, 0),
  }
}

function pidIn(file: string): number {
  return Number.parseInt(readFileSync(join(home, file), 'utf8'), 10)
}

function documentsOf(record: string): number {
  const { silver } = JSON.parse(record) as { silver: Record<string, { bronze: number }> }
  return Object.values(silver).reduce((sum, { bronze }) => sum + bronze, 0)
}

function commandLine(): string {
  const args = process.argv.slice(2)
  return ['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' ')
}
