import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { writeOutput } from '../../src/system/output.ts'
import { lingot } from '../commands/lingot.ts'
import { runPipeline } from '../run.ts'
import { openPlace, type Place } from '../trust/place.ts'

const isRoot = process.getuid?.() === 0
const bronze = {
  customers: [{ _id: 1, customer_id: 'C1' }],
  transactions: [{ _id: 1, transaction_id: 'T1', customer_id: 'C1', product: 'Laptop', amount: 10 }],
  campaigns: [{ _id: 1, campaign_id: 'CAMP1', budget: 10, spend: 5 }],
}

let place: Place
let folder: string

beforeAll(async () => {
  place = await openPlace()
  await place.load(bronze)
  await runPipeline(place.client, place.postgresUrl, place.names)
})
afterAll(() => place.leave())

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lingot output-'))
  return () => rmSync(folder, { recursive: true })
})

const inFolder = (name: string) => join(folder, name)

test('a pipe that was written to is closed once, whenever memory is collected', async () => {
  const pipe = inFolder('pipe')
  execFileSync('mkfifo', [pipe])
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    for (let i = 0; i < 5; i++) {
      await writeOutput(pipe, 'text')
      expect(readSync(reader, Buffer.alloc(9))).toBe(4)
      // What is collected and still open ends the process.
      collect()
      await setTimeout(5)
    }
  } finally {
    closeSync(reader)
  }
})

/** Each command that writes a file somebody names, and how that begins. */
const writers: [string, string[], string][] = [
  ['report --html', ['report', '--html'], '<!doctype html>'],
  ['check --junit', ['check', '--junit'], '<?xml'],
]

describe.each(writers)('lingot %s', (_, args, beginning) => {
  const write = (file: string) => lingot(place.names, [...args, file])

  test('replaces a regular file, which keeps its mode and its owner', async () => {
    const file = inFolder('out')
    writeFileSync(file, 'old')
    chmodSync(file, 0o600)
    if (isRoot) chownSync(file, 1234, 1235)
    expect(await write(file)).toMatchObject({ status: 0, stderr: '' })
    expect(readFileSync(file, 'utf8')).toContain(beginning)
    const { mode, uid, gid } = statSync(file)
    expect(mode & 0o777).toBe(0o600)
    if (isRoot) expect([uid, gid]).toEqual([1234, 1235])
    expect(readdirSync(folder)).toEqual(['out'])
  })

  test('writes what a link leads to, there or not yet', async () => {
    mkdirSync(inFolder('elsewhere'))
    writeFileSync(inFolder('elsewhere/there'), 'old')
    symlinkSync('elsewhere/there', inFolder('link'))
    symlinkSync('link', inFolder('link to it'))
    symlinkSync('elsewhere/new', inFolder('to nothing'))
    for (const link of ['link to it', 'to nothing']) expect(await write(inFolder(link))).toMatchObject({ status: 0 })
    for (const link of ['link', 'link to it', 'to nothing']) {
      expect(lstatSync(inFolder(link)).isSymbolicLink()).toBe(true)
    }
    for (const file of ['there', 'new'])
      expect(readFileSync(inFolder(`elsewhere/${file}`), 'utf8')).toContain(beginning)
    expect(readdirSync(inFolder('elsewhere')).sort()).toEqual(['new', 'there'])
  })

  test('writes into a pipe that somebody reads, and stays out of one that nobody does', async () => {
    const pipe = inFolder('pipe')
    execFileSync('mkfifo', [pipe])
    expect(await write(pipe)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(`${pipe} cannot be written: nobody reads from this pipe.\n→ `),
    })
    const reader = spawn('cat', [pipe])
    let read = ''
    reader.stdout.setEncoding('utf8').on('data', (text) => {
      read += text
    })
    const [written] = await Promise.all([write(pipe), once(reader, 'close')])
    expect(written).toMatchObject({ status: 0, stderr: '' })
    expect(read).toContain(beginning)
    expect(lstatSync(pipe).isFIFO()).toBe(true)
  })

  test.runIf(isRoot)('writes to a device as to a terminal, and to no disk', async () => {
    const [device, disk] = [inFolder('null'), inFolder('disk')]
    execFileSync('mknod', [device, 'c', '1', '3'])
    // A number that no driver has.
    execFileSync('mknod', [disk, 'b', '240', '7'])
    expect(await write(device)).toMatchObject({ status: 0, stderr: '' })
    expect(await write(disk)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('neither a file, a pipe nor'),
    })
    expect(lstatSync(device).isCharacterDevice()).toBe(true)
    expect(lstatSync(disk).isBlockDevice()).toBe(true)
    expect(readdirSync(folder).sort()).toEqual(['disk', 'null'])
  })

  // A link as /dev/stdout is one: should it ever be replaced, nobody misses it.
  test.each(['-', 'a link to it'])('writes to standard output, and nothing else there: %s', async (name) => {
    symlinkSync('/proc/self/fd/1', inFolder('a link to it'))
    const { status, stdout, stderr } = await write(name === '-' ? name : inFolder(name))
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout.slice(0, beginning.length)).toBe(beginning)
    expect(stdout.trimEnd()).toMatch(/<\/(html|testsuites)>$/)
    expect(lstatSync(inFolder('a link to it')).isSymbolicLink()).toBe(true)
  })

  test('says which folder cannot be written to, and why, by no name but those that were given', async () => {
    writeFileSync(inFolder('file'), '')
    mkdirSync(inFolder('there'))
    symlinkSync('gone/out', inFolder('lost'))
    symlinkSync('circle', inFolder('circle'))
    const cases: [string, string][] = [
      ['new/deep/out', `there is no folder ${inFolder('new')}`],
      ['lost', `there is no folder ${inFolder('gone')}`],
      ['file/out', `${inFolder('file')} is no folder`],
      ['there', 'it is a folder'],
      ['circle', 'its links lead in a circle'],
      ['x'.repeat(300), 'its name is too long'],
    ]
    for (const [name, why] of cases) {
      const { status, stdout, stderr } = await write(inFolder(name))
      expect({ status, stdout, stderr }).toEqual({
        status: 2,
        stdout: '',
        stderr: `${inFolder(name)} cannot be written: ${why}.\n→ Name a file in a folder that you may write to, or - for standard output.\n`,
      })
    }
    expect(readdirSync(folder).sort()).toEqual(['circle', 'file', 'lost', 'there'])
  })

  test('takes a name as long as a name may be', async () => {
    expect(await write(inFolder('x'.repeat(255)))).toMatchObject({ status: 0, stderr: '' })
  })
})

test('checks as JSON and as JUnit do not both go to standard output', async () => {
  const { status, stdout, stderr } = await lingot(place.names, ['check', '--json', '--junit', '-'])
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  expect(stderr).toContain('→ Name a file')
})

describe('lingot run --engine spark --dry-run', () => {
  const dryRun = (name: string, ...more: string[]) =>
    lingot(place.names, ['process', '--engine', 'spark', '--dry-run', name, ...more])
  const job = ['duckdb.node', 'job.sql', 'libduckdb.so', 'lingot.mjs', 'submit.sh']

  test('writes into a folder that is new, empty, or holds an earlier job', async () => {
    mkdirSync(inFolder('empty'))
    symlinkSync('empty', inFolder('link'))
    for (const name of ['deep/new', 'empty', 'deep/new', 'link']) {
      expect(await dryRun(inFolder(name), '--master', 'yarn')).toMatchObject({ status: 0, stderr: '' })
      expect(readdirSync(inFolder(name)).sort()).toEqual(job)
      expect(statSync(inFolder(`${name}/submit.sh`)).mode & 0o111).toBe(0o111)
    }
    // What a job left there is not Lingot's to remove.
    writeFileSync(inFolder('empty/driver.log'), 'kept')
    expect(await dryRun(inFolder('empty'), '--master', 'local[2]')).toMatchObject({ status: 0 })
    expect(readFileSync(inFolder('empty/submit.sh'), 'utf8')).toContain('local[2]')
    expect(readFileSync(inFolder('empty/driver.log'), 'utf8')).toBe('kept')
    expect(lstatSync(inFolder('link')).isSymbolicLink()).toBe(true)
    expect(readdirSync(folder).sort()).toEqual(['deep', 'empty', 'link'])
  })

  test.each([
    ['a project', { 'package.json': '{}', '.git': '' }],
    ['files of the names of a job', { 'job.sql': 'select 1', 'lingot.mjs': 'export {}', 'submit.sh': '#!/bin/sh' }],
    [
      'a job with one that is not of it',
      { 'lingot.mjs': '#!/usr/bin/env node\nglobalThis.lingotJob = {}', 'job.sql': '' },
    ],
    ['a hidden file', { '.env': 'SECRET=1' }],
  ])('leaves a folder alone that holds %s', async (_, files) => {
    for (const [name, text] of Object.entries(files)) writeFileSync(inFolder(name), text)
    const { status, stdout, stderr } = await dryRun(folder)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toBe(
      `The folder ${folder} holds other things than a job.\n→ Name a folder that is new or empty, or one that holds an earlier job: --dry-run job\n`,
    )
    expect(Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(inFolder(name), 'utf8')]))).toEqual(
      files,
    )
  })

  test('says what stands where the folder should', async () => {
    writeFileSync(inFolder('file'), 'kept')
    for (const name of ['file', 'file/job']) {
      const { status, stderr } = await dryRun(inFolder(name))
      expect(status).toBe(2)
      expect(stderr).toContain(`The folder ${inFolder(name)} cannot be used: `)
    }
    expect(readFileSync(inFolder('file'), 'utf8')).toBe('kept')
  })
})
