import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { generate } from '../../src/bronze/sample/generator.ts'
import { findMongod } from '../../src/servers/mongod.ts'
import { freePort, hasEnded, isListening, launch } from '../../src/servers/process.ts'
import { openMongodb, openPostgres } from '../../src/servers/servers.ts'
import { loadConfig } from '../../src/settings/config.ts'
import { describeFailure } from '../../src/system/errors.ts'
import { type Ended, lingot, type Settings } from '../process.ts'
import { type Certificates, hasOpenssl, makeCertificates } from './certificates.ts'
import { type Cluster, own, startPostgres } from './cluster.ts'

let folder: string
let files: Certificates
let cluster: Cluster
let mongodb: { port: number; stop: () => Promise<void> }

beforeAll(async () => {
  if (!hasOpenssl) return
  folder = await mkdtemp(join(tmpdir(), 'lingot-tls-'))
  files = makeCertificates(folder)
  ;[mongodb, cluster] = await Promise.all([startMongodb(), startPostgresWithTls()])
})

afterAll(async () => {
  if (!hasOpenssl) return
  await Promise.all([mongodb.stop(), cluster.stop()])
  await rm(folder, { recursive: true })
})

/** A MongoDB that speaks TLS alone, to those who show a certificate of its authority. */
async function startMongodb(): Promise<typeof mongodb> {
  const data = join(folder, 'mongodb')
  mkdirSync(data)
  const mongod = await findMongod(fileURLToPath(new URL('../../.lingot', import.meta.url)), () => undefined)
  const port = (await freePort(0)) ?? 0
  const tls = ['--tlsMode', 'requireTLS', '--tlsCertificateKeyFile', files.server.both, '--tlsCAFile', files.ca]
  const args = ['--dbpath', data, '--bind_ip', '127.0.0.1', '--nounixsocket', '--port', `${port}`, ...tls]
  const server = launch({ command: mongod, args }, join(folder, 'mongodb.log'))
  while (server.exitCode === null && !(await isListening(port))) await setTimeout(20)
  return {
    port,
    async stop() {
      server.kill('SIGINT')
      await hasEnded(server.pid ?? 0, 30_000)
    },
  }
}

/** A PostgreSQL that takes no connection without TLS, and `super` with a certificate of its authority alone. */
function startPostgresWithTls(): Promise<Cluster> {
  const place = join(folder, 'postgres')
  mkdirSync(place)
  // The user that it runs as must reach them.
  chmodSync(folder, 0o711)
  chmodSync(place, 0o711)
  const copy = (from: string, name: string) => {
    const to = join(place, name)
    copyFileSync(from, to)
    chmodSync(to, 0o600)
    own(to)
    return to
  }
  const hba = join(place, 'hba')
  writeFileSync(
    hba,
    'hostssl all super 127.0.0.1/32 scram-sha-256 clientcert=verify-ca\nhostssl all analyst 127.0.0.1/32 scram-sha-256\n',
  )
  own(hba)
  return startPostgres([
    ...['ssl=on', `hba_file=${hba}`, `ssl_ca_file=${copy(files.ca, 'ca')}`],
    ...[`ssl_cert_file=${copy(files.server.cert, 'cert')}`, `ssl_key_file=${copy(files.server.key, 'key')}`],
  ])
}

/** The address of MongoDB with these options. */
function mongodbUri(options: string, host = 'localhost'): string {
  return `mongodb://${host}:${mongodb.port}/?${options}`
}

function postgresUrl(options: string, host = 'localhost'): string {
  return `${cluster.url().replace('127.0.0.1', host)}?${options}`
}

/** How the command line would end where a server is set to this address; with 0 where it can be used. */
async function refusal(uri: string): Promise<{ text: string; exitCode: number }> {
  const config = await loadConfig(folder, {})
  const opening = uri.startsWith('mongodb')
    ? openMongodb({ ...config, mongodbUri: uri })
    : openPostgres({ ...config, postgresUrl: uri })
  return opening.then(() => ({ text: '', exitCode: 0 }), describeFailure)
}

/** The options of those who know the authority and show a certificate. */
const trusting = () => ({
  mongodb: `tls=true&tlsCAFile=${files.ca}&tlsCertificateKeyFile=${files.client.both}`,
  postgres: `sslmode=verify-full&sslrootcert=${files.ca}&sslcert=${files.client.cert}&sslkey=${files.client.key}`,
})

describe.runIf(hasOpenssl)('over TLS', () => {
  test('Lingot makes silver and gold, and answers', async () => {
    const settings: Settings = {
      MONGODB_URI: mongodbUri(trusting().mongodb),
      POSTGRES_URL: postgresUrl(trusting().postgres),
    }
    const client = await MongoClient.connect(settings['MONGODB_URI'] ?? '')
    await generate(client, { database: 'bronze_db', seed: 1, scale: 0.02 })
    await client.close()
    const ended: Ended[] = []
    for (const command of ['run', 'ask', 'doctor']) ended.push(await lingot([command], settings))
    expect(ended.map(({ status, stderr }) => ({ status, stderr }))).toEqual(
      ended.map(() => ({ status: 0, stderr: '' })),
    )
  })

  test.each<[string, () => string, RegExp]>([
    [
      'another authority',
      () => mongodbUri(trusting().mongodb.replace(files.ca, files.otherCa)),
      /has a certificate of an authority that is not known here: .*\n→ Name the file of the authority with tlsCAFile in MONGODB_URI\./,
    ],
    [
      'no authority',
      () => mongodbUri('tls=true'),
      /has a certificate of an authority that is not known here: .*\n→ .* tlsCAFile in MONGODB_URI\./,
    ],
    [
      'another host name',
      () => mongodbUri(trusting().mongodb, '127.0.0.1'),
      /is not the host that its certificate names: .*127\.0\.0\.1.*\n→ Name it in MONGODB_URI as its certificate does/,
    ],
    [
      'no certificate of its own',
      () => mongodbUri(`tls=true&tlsCAFile=${files.ca}`),
      /ends the connection: .*\n→ It may want tls=true or tlsCertificateKeyFile in MONGODB_URI; its log says what\./,
    ],
    [
      'a file that is not there',
      () => mongodbUri(`tls=true&tlsCAFile=${folder}/none.pem`),
      /cannot be asked: ENOENT.*none\.pem.*\n→ Correct the files that MONGODB_URI names\./,
    ],
    [
      'another authority',
      () => postgresUrl(trusting().postgres.replace(files.ca, files.otherCa)),
      /has a certificate of an authority that is not known here: .*\n→ Name the file of the authority with sslrootcert in POSTGRES_URL\./,
    ],
    [
      'no authority',
      () => postgresUrl('sslmode=verify-full'),
      /has a certificate of an authority that is not known here: .*\n→ .* sslrootcert in POSTGRES_URL\./,
    ],
    [
      'another host name',
      () => postgresUrl(trusting().postgres, '127.0.0.1'),
      /is not the host that its certificate names: .*127\.0\.0\.1.*\n→ Name it in POSTGRES_URL as its certificate does/,
    ],
    [
      'no certificate of its own',
      () => postgresUrl(`sslmode=verify-full&sslrootcert=${files.ca}`),
      /asks for a certificate: .*\n→ Name yours with sslcert and sslkey in POSTGRES_URL\./,
    ],
    [
      'a file that is not there',
      () => postgresUrl(`sslmode=verify-full&sslrootcert=${folder}/none.pem`),
      /cannot be asked: ENOENT.*none\.pem.*\n→ Correct the files that POSTGRES_URL names\./,
    ],
    ['no TLS at all', () => mongodbUri(''), /ends the connection: .*\n→ It may want tls=true .* MONGODB_URI/],
    ['no TLS at all', () => postgresUrl('sslmode=disable'), /refuses: .*no encryption.*\n→ /],
  ])('who connects with %s is told what to do (%#)', async (_, address, message) => {
    const failed = await refusal(address())
    expect(failed.exitCode).toBe(4)
    expect(failed.text).toMatch(message)
    expect(failed.text).not.toContain('super:super')
  })

  test.each([
    // The certificate and its host name are verified, whatever the word.
    ['sslmode=verify-full', 'localhost', 0],
    ['sslmode=verify-ca', 'localhost', 0],
    ['sslmode=require', 'localhost', 0],
    ['sslmode=prefer', 'localhost', 0],
    ['sslmode=allow', 'localhost', 0],
    ['sslmode=verify-full', '127.0.0.1', 4],
    ['sslmode=verify-ca', '127.0.0.1', 4],
    ['sslmode=require', '127.0.0.1', 4],
    ['sslmode=prefer', '127.0.0.1', 4],
    ['sslmode=allow', '127.0.0.1', 4],
    ['sslmode=verify_full', '127.0.0.1', 4],
    // As libpq has it, where that is asked for: of verify-ca the authority counts alone.
    ['uselibpqcompat=true&sslmode=verify-ca', '127.0.0.1', 0],
    ['uselibpqcompat=true&sslmode=verify-full', '127.0.0.1', 4],
    ['sslmode=no-verify', '127.0.0.1', 0],
  ])('PostgreSQL with %s at %s', async (mode, host, exitCode) => {
    const warned = vi.spyOn(process, 'emitWarning')
    const address = postgresUrl(trusting().postgres.replace('sslmode=verify-full', mode), host)
    const failed = await refusal(address)
    expect(failed).toMatchObject({ exitCode, text: exitCode === 0 ? '' : expect.stringContaining('is not the host') })
    // The driver has nothing to say about it.
    expect(warned).not.toHaveBeenCalled()
    warned.mockRestore()
  })
})

describe.runIf(hasOpenssl)('a server that speaks no TLS', () => {
  test('is said to', async () => {
    const plain = await startPostgres()
    const failed = await refusal(`${plain.url()}?sslmode=verify-full`)
    await plain.stop()
    expect(failed).toEqual({
      exitCode: 4,
      text: expect.stringMatching(/does not speak TLS: .*\n→ .*leave sslmode=verify-full out of POSTGRES_URL\.$/),
    })
  })
})
