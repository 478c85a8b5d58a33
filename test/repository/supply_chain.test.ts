import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { isShipped, licences, lockedPackages, scripts } from '../../scripts/dependencies.ts'
import { sbom } from '../../scripts/sbom.ts'
import { root } from '../process.ts'

const read = (name: string) => readFileSync(join(root, name), 'utf8')
const packages = lockedPackages()

describe('every dependency', () => {
  test.each([
    ['production', true],
    ['development', false],
  ] as const)('of %s has a licence that is accepted, and no other is', (kind, isWanted) => {
    const found = new Set(packages.filter((one) => isShipped(one) === isWanted).map(({ licence }) => licence))
    expect([...found].sort()).toEqual([...licences[kind]])
  })

  test('has the licence that it says itself, where it is installed', () => {
    const installed = packages.filter(({ path }) => existsSync(join(root, path, 'package.json')))
    expect(installed.length).toBeGreaterThan(100)
    const own = ({ path }: { path: string }) => JSON.parse(read(join(path, 'package.json'))).license
    expect(installed.filter((one) => own(one) !== one.licence)).toEqual([])
  })

  test('that wants to run a script at its installation is known', () => {
    const found = packages.filter(({ hasScript }) => hasScript).map(({ name }) => name)
    expect(found.sort()).toEqual(Object.keys(scripts).sort())
    expect(Object.keys(scripts)).toEqual(
      expect.arrayContaining(Object.keys(JSON.parse(read('package.json')).allowScripts)),
    )
  })

  test('has its parts for every system in the lock file, wherever that was written', () => {
    const lock: Record<string, { optionalDependencies?: Record<string, string> }> = JSON.parse(
      read('package-lock.json'),
    ).packages
    const locked = new Set(packages.map(({ name }) => name))
    const wanted = Object.values(lock).flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
    expect(wanted.length).toBeGreaterThan(50)
    expect(wanted.filter((name) => !locked.has(name))).toEqual([])
  })

  test('is pinned by its hash, and comes from whatever registry npm is set to', () => {
    expect(packages.filter(({ integrity }) => !integrity?.startsWith('sha512-'))).toEqual([])
    expect(read('package-lock.json')).not.toContain('"resolved"')
  })
})

test('no installation that Lingot does runs scripts', () => {
  expect(read('scripts/setup.js')).toContain("'--ignore-scripts'")
  const installing = read('Dockerfile').match(/npm (?:ci|install|prune)[^&]*/g) ?? []
  expect(installing.length).toBeGreaterThan(0)
  for (const command of installing) expect(command).toContain('--ignore-scripts')
})

describe('the bill of materials', () => {
  const bill = sbom()

  test('has what CycloneDX asks for', () => {
    expect(bill).toMatchObject({
      bomFormat: 'CycloneDX',
      specVersion: expect.stringMatching(/^1\.\d$/),
      version: 1,
      serialNumber: expect.stringMatching(
        /^urn:uuid:[\da-f]{8}-[\da-f]{4}-[1-5][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/,
      ),
      metadata: {
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        component: { type: 'application', name: 'lingot', version: JSON.parse(read('package.json')).version },
      },
    })
    for (const component of bill.components) {
      expect(component).toMatchObject({
        type: 'library',
        name: expect.stringMatching(/./),
        version: expect.stringMatching(/^\d/),
        purl: expect.stringMatching(/^pkg:npm\//),
        hashes: [{ alg: 'SHA-512', content: expect.stringMatching(/^[\da-f]{128}$/) }],
        licenses: [expect.anything()],
      })
    }
  })

  test('names each shipped package once, and says what each needs', () => {
    const shipped = packages.filter(isShipped).map(({ name, version }) => `${name}@${version}`)
    const listed = bill.components.map(({ name, version }: { name: string; version: string }) => `${name}@${version}`)
    expect(listed.sort()).toEqual([...new Set(shipped)].sort())
    const references = [bill.metadata.component, ...bill.components].map((component) => component['bom-ref'])
    expect(new Set(references).size).toBe(references.length)
    const dependencies: { ref: string; dependsOn: string[] }[] = bill.dependencies
    expect(dependencies.map(({ ref }) => ref).sort()).toEqual([...references].sort())
    for (const { dependsOn } of dependencies) expect(references).toEqual(expect.arrayContaining(dependsOn))
  })
})

test('secrets and data stay out of git, images and packages', () => {
  const names = ['.env', '.env.local', '.lingot/mongodb', 'sbom.cdx.json']
  const ignored = spawnSync('git', ['check-ignore', '--no-index', ...names, '.env.example'], {
    cwd: root,
    encoding: 'utf8',
  })
  if (ignored.status === 0) expect(ignored.stdout.trim().split('\n')).toEqual(names)
  expect(read('.gitignore').split('\n')).toEqual(expect.arrayContaining(['.env*', '.lingot/']))
  expect(read('.dockerignore').split('\n')).toEqual(expect.arrayContaining(['.env*', '.lingot']))
  const { files } = JSON.parse(read('package.json'))
  expect(files.filter((name: string) => /env|lingot/.test(name))).toEqual([])
})
