import { spawn } from 'node:child_process'
import { accessSync, constants, existsSync, lchownSync, mkdirSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { delimiter, dirname, join, resolve } from 'node:path'
import { LingotError, reasonOf } from '../../system/errors.ts'
import type { Say } from '../engine.ts'
import { clearInterrupted, makeData, makeHome, realHome } from '../home.ts'
import { makePrivate, ownerOf } from '../owner.ts'
import { run, tellGroup } from '../process.ts'

/** A Spark on this machine. */
export interface Spark {
  /** Its SPARK_HOME; undefined where only the scripts on PATH know it. */
  home: string | undefined
  /** The path of `spark-sql`. */
  sparkSql: string
  origin: 'SPARK_HOME' | 'PATH' | 'lingot'
}

export interface Place {
  /** Lingot's own folder, `.lingot`. */
  home: string
  env?: Readonly<Record<string, string | undefined>>
}

/** What `lingot spark setup` installs. */
const VERSION = '4.3.0'
/** Where the package has its program. */
const SPARK_SQL = join('pyspark', 'bin', 'spark-sql')
const LEAST_JAVA = 17

/** The Spark to use: that of SPARK_HOME, else the one on PATH, else the one that Lingot installed. */
export async function findSpark(place: Place): Promise<Spark> {
  const spark = locateSpark(place)
  if (spark !== undefined) return spark
  throw new LingotError(
    'config',
    'There is no Spark here.',
    'Set SPARK_HOME, put spark-sql on PATH, or try it with `lingot spark setup`.',
  )
}

/** As {@link findSpark}, undefined where there is none. */
export function locateSpark({ home, env = process.env }: Place): Spark | undefined {
  const set = env['SPARK_HOME']
  if (set) {
    const sparkSql = resolve(set, 'bin', 'spark-sql')
    if (isExecutable(sparkSql)) return { home: resolve(set), sparkSql, origin: 'SPARK_HOME' }
    throw new LingotError(
      'config',
      `SPARK_HOME is ${set}, where there is no bin/spark-sql to run.`,
      'Correct SPARK_HOME, or unset it.',
    )
  }
  const onPath = executableOnPath('spark-sql', env)
  if (onPath !== undefined) {
    // A link may point into a distribution, whose scripts find the rest beside themselves only by their real path.
    const real = realpathSync(onPath)
    const above = dirname(dirname(real))
    const isDistribution = existsSync(join(above, 'jars'))
    return isDistribution
      ? { home: above, sparkSql: real, origin: 'PATH' }
      : { home: undefined, sparkSql: onPath, origin: 'PATH' }
  }
  const own = installed(realHome(home))
  const owner = own && ownerOf(own.sparkSql)
  if (own === undefined || owner === undefined) return own
  throw new LingotError(
    'config',
    `${own.sparkSql} belongs to user ${owner.uid}, whose programs root does not run.`,
    'Run it as that user, or set SPARK_HOME.',
  )
}

function installed(home: string): Spark | undefined {
  const sparkSql = join(folderOf(home), SPARK_SQL)
  return isExecutable(sparkSql) ? { home: dirname(dirname(sparkSql)), sparkSql, origin: 'lingot' } : undefined
}

function folderOf(home: string): string {
  return join(home, 'spark', `pyspark-${VERSION}`)
}

/** The version of a Spark, as its jars are called; undefined where they are not known. */
export function versionOf({ home }: Spark): string | undefined {
  const jars = home === undefined ? undefined : join(home, 'jars')
  if (jars === undefined || !existsSync(jars)) return undefined
  const [version] = readdirSync(jars).flatMap((name) => /^spark-core_[\d.]+-(.+)\.jar$/.exec(name)?.[1] ?? [])
  return version
}

/**
 * Installs Spark into Lingot's own folder, with Python's pip. Instant where it is there already.
 *
 * It is made beside its place and moved there in one step: an installation that was killed leaves nothing that counts,
 * and of two at once one stands.
 */
export async function installSpark(home: string, say: Say, signal?: AbortSignal): Promise<Spark> {
  const real = realHome(home)
  const there = installed(real)
  if (there !== undefined) return there
  await requirePip()
  const folder = folderOf(real)
  makeHome(real)
  makePrivate(dirname(folder))
  await clearInterrupted(folder)
  await makeData(folder, ownerOf(real), async (next) => {
    await download(next, say, signal)
    await rm(join(next, ASIDE), { recursive: true })
    if (!isExecutable(join(next, SPARK_SQL))) {
      throw new LingotError('config', `pip installed a pyspark ${VERSION} without bin/spark-sql.`, 'Set SPARK_HOME.')
    }
    await giveAllToOwner(next)
  })
  const spark = installed(real)
  if (spark !== undefined) return spark
  throw new LingotError('config', `${folder} holds no whole Spark.`, 'Remove that folder, and run it again.')
}

async function requirePip(): Promise<void> {
  const next = 'Install Python 3 with pip, as in `apt-get install python3 python3-pip`; or set SPARK_HOME.'
  const python = await run({ command: 'python3', args: ['--version'] }).catch(reasonOf)
  if (!python.startsWith('Python 3')) {
    throw new LingotError('config', 'Spark is installed with python3, which cannot be run here.', next)
  }
  const pip = await run({ command: 'python3', args: ['-m', 'pip', '--version'] }).catch(reasonOf)
  if (!pip.startsWith('pip '))
    throw new LingotError('config', 'Spark is installed with pip, which python3 lacks.', next)
}

/** What pip puts aside lies within the folder, so that it goes with it. */
const ASIDE = 'tmp'

async function download(folder: string, say: Say, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted()
  const aside = join(folder, ASIDE)
  mkdirSync(aside)
  const settings = { TMPDIR: aside, PIP_USER: '0', PIP_ROOT_USER_ACTION: 'ignore', PIP_DISABLE_PIP_VERSION_CHECK: '1' }
  const options = ['--no-deps', '--quiet', '--no-compile', '--target', folder]
  // In a group of its own: what pip starts is ended with it.
  const pip = spawn('python3', ['-m', 'pip', 'install', ...options, `pyspark==${VERSION}`], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...settings },
  })
  const begun = performance.now()
  const tell = () => {
    const seconds = Math.round((performance.now() - begun) / 1000)
    say(`installing Spark ${VERSION} with pip, some 450 MB (${seconds} s)`)
  }
  tell()
  const telling = setInterval(tell, 1000)
  const end = () => tellGroup(pip.pid, 'SIGKILL')
  signal?.addEventListener('abort', end)
  let complaint = ''
  pip.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text
  })
  try {
    const status = await new Promise((done, failed) => pip.on('error', failed).on('close', done))
    signal?.throwIfAborted()
    if (status !== 0) throw new Error(complaint.trim().split('\n').at(-1) || `it ended with code ${status}`)
  } catch (error) {
    if (signal?.aborted) throw error
    throw new LingotError(
      'config',
      `pip could not install Spark ${VERSION}: ${reasonOf(error)}`,
      `Correct it and run it again, or set SPARK_HOME to a Spark that is there.`,
      { cause: error },
    )
  } finally {
    clearInterval(telling)
    signal?.removeEventListener('abort', end)
  }
}

async function giveAllToOwner(folder: string): Promise<void> {
  const owner = ownerOf(folder)
  if (owner === undefined) return
  for (const name of await readdir(folder, { recursive: true })) lchownSync(join(folder, name), owner.uid, owner.gid)
}

/** The `java` that Spark runs with: that of JAVA_HOME, else the one on PATH; new enough, or an error says so. */
export async function findJava(env: Place['env'] = process.env): Promise<{ path: string; version: number }> {
  const next = `Install it, as in \`apt-get install openjdk-17-jre-headless\` or \`brew install openjdk@17\`, or set JAVA_HOME.`
  const home = env['JAVA_HOME']
  const path = home ? join(home, 'bin', 'java') : executableOnPath('java', env)
  if (path === undefined || !isExecutable(path)) {
    const where = home ? `JAVA_HOME is ${home}, where there is no bin/java to run` : 'there is no java on PATH'
    throw new LingotError('config', `Spark needs Java ${LEAST_JAVA} or newer: ${where}.`, next)
  }
  const output = await run({ command: path, args: ['-version'] }).catch(reasonOf)
  const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(output) ?? []
  // Up to 8 the versions were called 1.8.
  const version = Number(first === '1' ? second : first)
  if (version >= LEAST_JAVA) return { path, version }
  const is = Number.isNaN(version) ? 'does not tell its version' : `is Java ${version}`
  throw new LingotError('config', `Spark needs Java ${LEAST_JAVA} or newer: ${path} ${is}.`, next)
}

function executableOnPath(name: string, env: Readonly<Record<string, string | undefined>>): string | undefined {
  const folders = (env['PATH'] ?? '').split(delimiter).filter(Boolean)
  return folders.map((folder) => resolve(folder, name)).find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
