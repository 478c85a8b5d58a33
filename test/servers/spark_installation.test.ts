import {
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { findJava, findSpark, installSpark, versionOf } from '../../src/servers/spark/installation.ts'

const above = realpathSync(mkdtempSync(join(tmpdir(), 'lingot test-')))
let home: string
let bin: string

beforeEach(() => {
  home = mkdtempSync(join(above, 'home '))
  bin = mkdtempSync(join(above, 'bin '))
})

afterEach(() => {
  vi.unstubAllEnvs()
})

afterAll(() => rmSync(above, { recursive: true }))

/** Writes a program. */
function program(file: string, script = '#!/bin/sh\n', mode = 0o755): string {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, script, { mode })
  return file
}

const own = (folder = home) => join(folder, 'spark', 'pyspark-4.3.0', 'pyspark')

describe('the Spark to use', () => {
  test('is that of SPARK_HOME, else the one on PATH, else the one that Lingot installed', async () => {
    const set = join(bin, 'set')
    for (const folder of [set, own()]) program(join(folder, 'bin', 'spark-sql'))
    const onPath = program(join(bin, 'spark-sql'))
    const env = { SPARK_HOME: set, PATH: `/nowhere:${bin}` }
    expect(await findSpark({ home, env })).toEqual({
      home: set,
      sparkSql: join(set, 'bin', 'spark-sql'),
      origin: 'SPARK_HOME',
    })
    expect(await findSpark({ home, env: { ...env, SPARK_HOME: '' } })).toEqual({
      home: undefined,
      sparkSql: onPath,
      origin: 'PATH',
    })
    expect(await findSpark({ home, env: { PATH: '/nowhere' } })).toEqual({
      home: own(),
      sparkSql: join(own(), 'bin', 'spark-sql'),
      origin: 'lingot',
    })
  })

  test.runIf(process.getuid?.() === 0)('is none of another user’s for root', async () => {
    chownSync(program(join(own(), 'bin', 'spark-sql')), 1234, 1234)
    await expect(findSpark({ home, env: { PATH: '/nowhere' } })).rejects.toThrow('belongs to user 1234')
  })

  test('is on PATH the one that a link points to, with its home and its version', async () => {
    const distribution = join(bin, 'spark-4')
    const sparkSql = program(join(distribution, 'bin', 'spark-sql'))
    program(join(distribution, 'jars', 'spark-core_2.13-4.0.1.jar'))
    symlinkSync(sparkSql, join(bin, 'spark-sql'))
    const spark = await findSpark({ home, env: { PATH: bin } })
    expect(spark).toEqual({ home: distribution, sparkSql, origin: 'PATH' })
    expect(versionOf(spark)).toBe('4.0.1')
  })

  test('is none that cannot be run', async () => {
    program(join(bin, 'spark-sql'), '', 0o644)
    mkdirSync(join(own(), 'bin', 'spark-sql'), { recursive: true })
    await expect(findSpark({ home, env: { PATH: bin } })).rejects.toMatchObject({
      kind: 'config',
      message: 'There is no Spark here.',
      next: 'Set SPARK_HOME, put spark-sql on PATH, or try it with `lingot spark setup`.',
    })
  })

  test('is never another than that of SPARK_HOME, where it is set', async () => {
    program(join(own(), 'bin', 'spark-sql'))
    await expect(findSpark({ home, env: { SPARK_HOME: bin, PATH: '' } })).rejects.toMatchObject({
      kind: 'config',
      message: `SPARK_HOME is ${bin}, where there is no bin/spark-sql to run.`,
    })
  })
})

describe('Java', () => {
  test.each([
    ['openjdk version "17.0.15" 2025-04-15', 17],
    ['openjdk version "21" 2023-09-19', 21],
    ['Picked up JAVA_TOOL_OPTIONS: -Xmx1g\njava version "25.0.1"', 25],
    ['openjdk version "11.0.2" 2019-01-15', 'is Java 11.'],
    ['java version "1.8.0_392"', 'is Java 8.'],
    ['The operation could not be completed. Unable to locate a Java Runtime.', 'does not tell its version.'],
  ])('that says %j', async (said, expected) => {
    const path = program(join(bin, 'java'), `#!/bin/sh\necho '${said}' >&2\n`)
    const found = findJava({ PATH: bin })
    if (typeof expected === 'number') expect(await found).toEqual({ path, version: expected })
    else {
      await expect(found).rejects.toMatchObject({
        kind: 'config',
        message: `Spark needs Java 17 or newer: ${path} ${expected}`,
        next: expect.stringContaining('apt-get install openjdk-17-jre-headless'),
      })
    }
  })

  test('is that of JAVA_HOME, where it is set', async () => {
    program(join(bin, 'java'), '#!/bin/sh\necho \'version "21"\'\n')
    const set = join(bin, 'jdk')
    const path = program(join(set, 'bin', 'java'), '#!/bin/sh\necho \'version "17"\'\n')
    expect(await findJava({ PATH: bin, JAVA_HOME: set })).toEqual({ path, version: 17 })
    await expect(findJava({ PATH: bin, JAVA_HOME: '/nowhere' })).rejects.toMatchObject({
      message: 'Spark needs Java 17 or newer: JAVA_HOME is /nowhere, where there is no bin/java to run.',
    })
    await expect(findJava({ PATH: '/nowhere' })).rejects.toMatchObject({
      message: 'Spark needs Java 17 or newer: there is no java on PATH.',
    })
  })
})

/** A python3 whose pip does this; $target is where it should install. */
function python(pip: string): void {
  const script = `#!/bin/sh
PATH=/usr/bin:/bin
case "$*" in
  --version) echo Python 3.11.7 ;;
  '-m pip --version') echo pip 23.2 ;;
  '-m pip install '*' pyspark==4.3.0')
    for word; do [ "$before" = --target ] && target="$word"; before="$word"; done
    ${pip} ;;
esac
`
  program(join(bin, 'python3'), script)
  vi.stubEnv('PATH', bin)
}

const INSTALLS =
  'mkdir -p "$target/pyspark/bin" && cp "$0" "$target/pyspark/bin/spark-sql" && echo >"$TMPDIR/left" && echo >>"$(dirname "$0")/count"'

describe('an installation', () => {
  const silent = () => undefined
  const expected = () => ({ home: own(), sparkSql: join(own(), 'bin', 'spark-sql'), origin: 'lingot' })
  const left = () => readdirSync(join(home, 'spark'))

  test('is made once, whole, with nothing beside it', async () => {
    python(INSTALLS)
    const said: string[] = []
    expect(await installSpark(home, (text) => said.push(text))).toEqual(expected())
    expect(said[0]).toBe('installing Spark 4.3.0 with pip, some 450 MB (0 s)')
    expect([left(), readdirSync(dirname(own()))]).toEqual([['pyspark-4.3.0'], ['pyspark']])
    python('exit 1')
    expect(await installSpark(home, silent)).toEqual(expected())
  })

  test('of two at once gives both the same', async () => {
    python(`sleep 0.3 && ${INSTALLS}`)
    const installing = [installSpark(home, silent), installSpark(home, silent)]
    expect(await Promise.all(installing)).toEqual([expected(), expected()])
    expect(left()).toEqual(['pyspark-4.3.0'])
  })

  test('that was killed does not count, and what it left is removed', async () => {
    const gone = join(home, 'spark', 'pyspark-4.3.0.init-999999999-abc')
    program(join(gone, 'pyspark', 'bin', 'spark-sql'))
    await expect(findSpark({ home, env: { PATH: '' } })).rejects.toMatchObject({ kind: 'config' })
    python(INSTALLS)
    expect(await installSpark(home, silent)).toEqual(expected())
    expect(left()).toEqual(['pyspark-4.3.0'])
  })

  test('that is interrupted ends pip with what it started, and leaves nothing', async () => {
    python('(sleep 1; echo >"$(dirname "$0")/survived") & wait')
    await expect(installSpark(home, silent, AbortSignal.timeout(300))).rejects.toMatchObject({ name: 'TimeoutError' })
    expect(left()).toEqual([])
    await new Promise((resolve) => setTimeout(resolve, 1200))
    expect(readdirSync(bin)).toEqual(['python3'])
  })

  test.each([
    [
      'a pip that fails',
      "echo 'Looking in indexes' >&2; echo 'ERROR: No matching distribution found for pyspark' >&2; exit 1",
      /^pip could not install Spark 4\.3\.0: ERROR: No matching distribution found for pyspark$/,
    ],
    ['a pip that says nothing', 'exit 7', /^pip could not install Spark 4\.3\.0: it ended with code 7$/],
    ['an address with a password', "echo 'at https://me:s3cret@host/simple' >&2; exit 1", /https:\/\/me:\*\*\*@host/],
    ['a pyspark without programs', ':', /^pip installed a pyspark 4\.3\.0 without bin\/spark-sql\.$/],
  ])('says what went wrong with %s', async (_, pip, message) => {
    python(pip)
    await expect(installSpark(home, silent)).rejects.toMatchObject({
      kind: 'config',
      message: expect.stringMatching(message),
    })
    expect(left()).toEqual([])
  })

  test('is asked for where the folder of one was damaged', async () => {
    mkdirSync(own(), { recursive: true })
    python(INSTALLS)
    await expect(installSpark(home, silent)).rejects.toMatchObject({
      kind: 'config',
      message: `${dirname(own())} holds no whole Spark.`,
      next: 'Remove that folder, and run it again.',
    })
  })

  test.each([
    [undefined, 'Spark is installed with python3, which cannot be run here.'],
    ['echo Python 2.7.18', 'Spark is installed with python3, which cannot be run here.'],
    [
      '[ $1 = --version ] && echo Python 3.11.7 || { echo "No module named pip" >&2; exit 1; }',
      'Spark is installed with pip, which python3 lacks.',
    ],
  ])('says what is missing where python3 is %j', async (script, message) => {
    if (script !== undefined) program(join(bin, 'python3'), `#!/bin/sh\n${script}\n`)
    vi.stubEnv('PATH', bin)
    await expect(installSpark(home, silent)).rejects.toMatchObject({
      kind: 'config',
      message,
      next: 'Install Python 3 with pip, as in `apt-get install python3 python3-pip`; or set SPARK_HOME.',
    })
  })
})
