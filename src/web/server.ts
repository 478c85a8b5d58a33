import { join } from 'node:path'
import { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { etag } from 'hono/etag'
import { getPath } from 'hono/utils/url'
import type { MongoClient } from 'mongodb'
import { goBack, knownSince, lacking, readAsOf } from '../gold/as_of.ts'
import { modelsOf } from '../gold/models.ts'
import { questionsOf } from '../gold/questions.ts'
import { type GoldQuery, goldReader } from '../postgres/reader.ts'
import { lastOutcome } from '../runs/store.ts'
import type { Config } from '../settings/config.ts'
import { current } from '../settings/own_files.ts'
import { describeProblem, problemsIn } from '../settings/problems.ts'
import { packageRoot, packageVersion } from '../system/package.ts'
import type { Event } from '../watch/alerts.ts'
import { answerQuery, readAnswers } from './answers.ts'
import { type Filters, type Subject, selection } from './api.ts'
import { assets, nothingHere } from './assets.ts'
import { type Body, bodies, bodyOf } from './bodies.ts'
import { catalogueOf, PAGE_OF } from './catalogue.ts'
import { csvFile } from './csv_file.ts'
import { CUSTOMERS, customersQuery, ordersIn, readCustomer, readCustomers } from './customers.ts'
import { sendEvents } from './events.ts'
import { type ExplainerSettings, explainer } from './explainer.ts'
import { exploredQuery, readExplored } from './explore.ts'
import { figureQuery, narrowingOf, readChoices, readPage, searchChoices, shownOf } from './figures.ts'
import { keptGold } from './gold.ts'
import { isLoopback, onlyOwnNames, onlyOwnPage, withHeaders } from './guard.ts'
import { readMarks } from './marks.ts'
import type { Metrics } from './metrics.ts'
import { filtersIn, keptIn, ordersAddUp } from './narrowed.ts'
import { figuresOf } from './prelude.ts'
import { problem, problemOf, Refusal, sendProblem } from './problem.ts'
import { readQueries } from './queries.ts'
import { freshGold } from './readiness.ts'
import * as routes from './routes.ts'
import { runner } from './runs.ts'
import { statements } from './statement.ts'
import { statusReader } from './status.ts'
import { readTables } from './tables.ts'
import { isAuthorized } from './token.ts'
import { readTrust } from './trust.ts'
import { readTrusted } from './trusted.ts'

export interface DashboardOptions {
  config: ExplainerSettings & Pick<Config, 'postgresReaderUrl' | 'currency' | 'timeZone'>
  mongodb: MongoClient
  /** Where gold is read: as the reader, where there is one. */
  postgresUrl: string
  /** Where it listens. */
  host: string
  /** Names that lead to it beside those of its machine. */
  allowedHosts?: readonly string[]
  /** What stands before every address, as in `/shop`; a proxy may send it or take it away. */
  basePath?: string
  /** What somebody has to know who starts a run, or asks with the rights of a run. */
  token: string
  /** What starts Lingot: a program and its arguments. */
  command: readonly string[]
  /** Answers assistants, who need the token. */
  assistant?: (request: Request) => Promise<Response>
  /** Where gold is kept up to date: gold that began before then is older than expected. */
  oldestGold?: () => Date | undefined
  /** How many alerts were told where gold is kept up to date, by what they are about. */
  alerts?: () => ReadonlyMap<Event, number>
  /** Where the built page is; beside the build of Lingot if not given. */
  folder?: string
}

export interface Dashboard {
  app: OpenAPIHono
  /** Has a run that was started here stop, and waits for it; closes the connections. */
  close: () => Promise<void>
}

/** By its SPDX identifier. */
const LICENSE = { name: 'MIT', identifier: 'MIT' }

/** Bytes of a body: the longest statement, whatever its characters. */
const MOST_BYTES = 512 * 1024

/** The dashboard: the page, the data that it shows, and what it may do. */
export function dashboard(options: DashboardOptions): Dashboard {
  const {
    config,
    mongodb,
    postgresUrl,
    host,
    allowedHosts = [],
    basePath = '',
    token,
    command,
    assistant,
    oldestGold,
    alerts,
    folder,
  } = options
  const silver = mongodb.db(config.silver)
  const shown = shownOf(config)
  /** What the shop has of its own, as it is now. */
  const shop = () => ({ ...config, project: current(config.project) })
  const canRun = isLoopback(host)
  const canAsk = canRun || config.postgresReaderUrl !== undefined
  const reader = goldReader(postgresUrl, config.goldSchema)
  // Who takes a file slowly keeps nobody from the pages.
  const files = goldReader(postgresUrl, config.goldSchema)
  const gold = keptGold(reader)
  const runs = runner(silver, command)
  const rights = { canRun, canAsk, currency: config.currency ?? null }
  const status = statusReader(silver, gold.run, rights, runs.isOwn)
  const statement = statements(postgresUrl, config.goldSchema)
  const reports = bodies()
  const explanations = explainer({ mongodb, postgresUrl, gold, shown }, shop)
  const sendFile = assets(folder ?? join(packageRoot, 'dist', 'web'), basePath)
  const refuseStrangers = (c: Context, next: string) => {
    if (isAuthorized(c.req.header('authorization'), token)) return
    c.header('WWW-Authenticate', 'Bearer')
    throw new Refusal(401, 'permission', 'The token is missing or wrong.', next)
  }

  const app = new OpenAPIHono({
    getPath: (request) => {
      const path = getPath(request)
      if (basePath === '' || !`${path}/`.startsWith(`${basePath}/`)) return path
      return path.slice(basePath.length) || '/'
    },
    defaultHook: (result, c) => {
      if (result.success) return undefined
      const problems = problemsIn(result.error, 'data' in result ? result.data : undefined)
      const detail = `${problems.map(describeProblem).join('. ')}.`
      return sendProblem(c, problem(400, { kind: 'usage', detail, next: 'See /api/openapi.json.' }))
    },
  })
  app.onError((error, c) => sendProblem(c, problemOf(error)))
  app.use(withHeaders)
  app.use(onlyOwnNames(host, allowedHosts))
  app.use('/api/*', onlyOwnPage)
  app.use('/api/*', async (c, next) => {
    await next()
    if (!c.res.headers.has('Cache-Control')) c.header('Cache-Control', 'no-store')
  })
  const tooLong = () => {
    throw new Refusal(413, 'usage', 'The body is too large.', 'Shorten the statement.')
  }
  for (const path of [
    'choices',
    'choices/*',
    'marks',
    'pages/*',
    'explore',
    'explore/*',
    'customers',
    'customers/*',
    'answers',
    'trust',
    'trusted',
    'explain/*',
    'why/*',
    'queries',
    'tables',
  ])
    app.use(`/api/${path}`, etag())
  app.use('/api/*', bodyLimit({ maxSize: MOST_BYTES, onError: tooLong }))

  app.openapi(routes.status, async (c) => c.json(await status.read(), 200))
  app.openapi(routes.events, (c) => sendEvents(c, status))
  app.openapi(routes.choices, async (c) => {
    const make = async (query: GoldQuery) => ({
      ...(await readChoices(query, shown)),
      knownSince: await knownSince(query, config.goldSchema),
    })
    return send(c, await gold.body('choices', make))
  })
  app.openapi(routes.found, async (c) => {
    const [{ filter }, { search }] = [c.req.valid('param'), c.req.valid('query')]
    const name = JSON.stringify(['choices', filter, search])
    return send(c, await gold.body(name, (query) => searchChoices(query, filter, search, shown)))
  })
  app.openapi(routes.marks, (c) => send(c, bodyOf(readMarks(config.project.folder))))
  app.openapi(routes.pages, async (c) => {
    const { page } = c.req.valid('param')
    const filters = filtersIn(page, c.req.valid('query'), c.req.queries(), shown.filters)
    const figures = figuresOf(page, narrowingOf(page, filters, shown))
    const name = JSON.stringify(['pages', page, ...Object.entries(filters).sort(), tagOf(figures)])
    return sendGold(c, name, filters.asOf, (query) => readPage(query, page, filters, shown))
  })
  /** What is read of gold as an address wants it: as it is, or as it was. */
  const then = <T extends object>(asOf: string | undefined, make: (query: GoldQuery) => Promise<T>) => {
    if (asOf === undefined) return make
    return async (query: GoldQuery) => {
      const shown = await goBack(query, config.goldSchema, await readAsOf(asOf, config.timeZone))
      const made = await make(query).catch((error: unknown) => {
        throw lacking(error)
      })
      return { ...made, asOf: shown }
    }
  }
  /** What is kept of gold under a name, as it is or as it was. */
  const sendGold = async <T extends object>(
    c: Context,
    name: string,
    asOf: string | undefined,
    make: (query: GoldQuery) => Promise<T>,
  ) => send(c, await gold.body(name, then(asOf, make)))
  const narrowingOfCustomers = (c: Context, { shape }: { shape: object }, wanted: Pick<Filters, 'country' | 'known'>) =>
    narrowingOf('customers', { ...wanted, kept: keptIn(c.req.queries(), shown.filters, shape) }, shown)
  app.openapi(routes.customers, async (c) => {
    refuseLeftOut(CUSTOMERS, shown.leftOut)
    const wanted = c.req.valid('query')
    const narrowing = narrowingOfCustomers(c, routes.customers.request.query, wanted)
    const name = JSON.stringify(['customers', Object.entries(wanted).sort(), Object.entries(narrowing.kept).sort()])
    return sendGold(c, name, wanted.asOf, (query) => readCustomers(query, wanted, narrowing))
  })
  app.openapi(routes.customer, async (c) => {
    for (const table of [CUSTOMERS, 'customer_segments']) refuseLeftOut(table, shown.leftOut)
    const [{ id }, { asOf }] = [c.req.valid('param'), c.req.valid('query')]
    // Of the past there are no records to count.
    const count = asOf === undefined ? ordersIn(silver) : async () => null
    return sendGold(c, JSON.stringify(['customer', id, asOf]), asOf, (query) => readCustomer(query, id, count))
  })
  app.openapi(routes.customersCsv, async (c) => {
    refuseLeftOut(CUSTOMERS, shown.leftOut)
    const wanted = c.req.valid('query')
    const narrowing = narrowingOfCustomers(c, routes.customersCsv.request.query, wanted)
    const make = then(wanted.asOf, async () => customersQuery(wanted, narrowing))
    return sendCsv(c, 'customers', await csvFile(files, make))
  })
  app.openapi(routes.catalogue, async (c) => {
    const models = new Map(modelsOf(config).map(({ name, columns }) => [name, columns]))
    const meaningOf = (column: string) => {
      const [table = '', name = ''] = column.split('.')
      return models.get(table)?.[name]
    }
    const make = async (query: GoldQuery) =>
      catalogueOf({ ...shown, ordersAddUp: await ordersAddUp(query, shown.leftOut) }, meaningOf)
    return send(c, await gold.body('catalogue', make))
  })
  /** What a selection is narrowed to: the filters of the page of its subject. */
  const filtersOfSelection = (c: Context, page: Subject['page'], wanted: Omit<Filters, 'kept'>) => {
    const others = Object.entries(c.req.queries()).filter(([name]) => !Object.hasOwn(selection.shape, name))
    return filtersIn(page, wanted, Object.fromEntries(others), shown.filters)
  }
  app.openapi(routes.explore, async (c) => {
    const { subject } = c.req.valid('param')
    const { measures, by, across, sort, limit, ...wanted } = c.req.valid('query')
    const asked = { measures, by, across, sort, limit }
    const filters = filtersOfSelection(c, PAGE_OF[subject], wanted)
    const name = JSON.stringify(['explore', subject, asked, Object.entries(filters).sort()])
    return sendGold(c, name, filters.asOf, (query) => readExplored(query, subject, asked, filters, shown))
  })
  app.openapi(routes.exploreCsv, async (c) => {
    const { subject } = c.req.valid('param')
    const { measures, by, across, sort, ...wanted } = c.req.valid('query')
    const filters = filtersOfSelection(c, PAGE_OF[subject], wanted)
    const asked = { measures, by, across, sort }
    const make = (query: GoldQuery) => exploredQuery(query, subject, asked, filters, shown)
    return sendCsv(c, 'explored', await csvFile(files, then(filters.asOf, make)))
  })
  // Before that of a page's figure, which is written alike.
  app.openapi(routes.answerCsv, async (c) => {
    const { question } = c.req.valid('param')
    const make = then(c.req.valid('query').asOf, async () => answerQuery(questionsOf(shop()), question))
    return sendCsv(c, question, await csvFile(files, make))
  })
  app.openapi(routes.figureCsv, async (c) => {
    const { page, figure } = c.req.valid('param')
    const filters = filtersIn(page, c.req.valid('query'), c.req.queries(), shown.filters)
    const make = (query: GoldQuery) => figureQuery(query, page, figure, filters, shown)
    return sendCsv(c, figure, await csvFile(files, then(filters.asOf, make)))
  })
  app.openapi(routes.answers, async (c) => {
    const questions = questionsOf(shop())
    const { asOf } = c.req.valid('query')
    const name = JSON.stringify(['answers', tagOf(questions), asOf])
    return sendGold(c, name, asOf, (query) =>
      readAnswers(query, questions, { schema: config.goldSchema, tables: shown.tables, asOf }),
    )
  })
  /** What is read of the record of the runs is kept until there is another run, or other gold. */
  const ofRuns = async <T extends object>(name: string, make: (run: string | null | undefined) => Promise<T>) => {
    const last = await lastOutcome(silver)
    // Where gold does not answer, the last one on record is told of.
    const run = await gold.run().then(
      (seen) => seen?.run ?? null,
      () => undefined,
    )
    const version = `${last?._id.toHexString()} ${last?.finished.toISOString()} ${run}`
    return reports.get(version, name, async () => ({ version, value: await make(run) }))
  }
  app.openapi(routes.trust, async (c) => send(c, await ofRuns('trust', (run) => readTrust(silver, shop(), run))))
  app.openapi(routes.trusted, async (c) => send(c, await ofRuns('trusted', (run) => readTrusted(silver, run))))
  app.all('/api/mcp', (c) => {
    refuseStrangers(c, 'Send it as Authorization: Bearer, as `lingot serve` printed it behind #token=.')
    if (assistant === undefined) return c.notFound()
    return assistant(c.req.raw)
  })
  app.openapi(routes.explain, async (c) => {
    const { subject, key } = c.req.valid('param')
    // Who has an old token sees what everybody sees.
    const tellsGiven = isAuthorized(c.req.header('authorization'), token)
    const { records, ...narrowed } = c.req.valid('query')
    const { records: _, ...query } = c.req.queries()
    const asked = { narrowed, query, tellsGiven, records }
    const body = await explanations.explain(subject, key, asked)
    return tellsGiven ? c.body(body.json, 200, { 'Content-Type': 'application/json' }) : send(c, body)
  })
  app.openapi(routes.why, async (c) => {
    const { subject, key } = c.req.valid('param')
    return send(c, await explanations.why(subject, key, c.req.valid('query')))
  })
  app.openapi(routes.queries, (c) => send(c, bodyOf(readQueries(shop()))))
  app.openapi(routes.tables, async (c) => {
    return send(c, bodyOf(await gold.read((query) => readTables(query, config.goldSchema, shop()))))
  })
  const refuseStatements = (c: Context) => {
    if (!canAsk) {
      throw new Refusal(
        403,
        'permission',
        'Statements of your own are not allowed: this server can be reached from other machines.',
        'Set POSTGRES_READER_URL, as `lingot grants` creates that user; or serve on 127.0.0.1.',
      )
    }
    if (!isLoopback(host)) refuseStrangers(c, 'Open the address that `lingot serve` printed.')
    else if (config.postgresReaderUrl === undefined) {
      refuseStrangers(c, 'Open the address that `lingot serve` printed, or set POSTGRES_READER_URL.')
    }
  }
  app.openapi(routes.sql, async (c) => {
    refuseStatements(c)
    return c.json(await statement.ask(c.req.valid('json').sql, c.req.raw.signal), 200)
  })
  app.openapi(routes.sqlCsv, async (c) => {
    refuseStatements(c)
    return sendCsv(c, 'result', await statement.file(c.req.valid('json').sql, c.req.raw.signal))
  })
  const refuseRuns = (c: Context) => {
    if (!canRun) {
      throw new Refusal(403, 'permission', 'Runs are started from this machine alone.', 'Use `lingot run`.')
    }
    refuseStrangers(c, 'Open the address that `lingot serve` printed.')
  }
  app.openapi(routes.runs, async (c) => {
    refuseRuns(c)
    return c.json(await runs.start(), 202)
  })
  app.openapi(routes.cancel, (c) => {
    refuseRuns(c)
    runs.cancel()
    return c.json({}, 202)
  })

  app.openAPIRegistry.registerComponent('securitySchemes', 'token', {
    type: 'http',
    scheme: 'bearer',
    description: 'Printed by `lingot serve`, behind the # of the address.',
  })
  app.doc31('/api/openapi.json', {
    openapi: '3.1.0',
    info: {
      title: 'Lingot',
      version: packageVersion(),
      description: 'What the dashboard reads. Values of gold are the exact texts that PostgreSQL gives; times are UTC.',
      license: LICENSE,
    },
    servers: [{ url: basePath || '/' }],
    security: [],
  })
  app.all('/api/*', () => {
    throw new Refusal(404, 'usage', 'There is no such address.', 'See /api/openapi.json.')
  })
  app.get('/healthz', (c) => c.json({ alive: true }))
  app.get('/readyz', async (c) => c.json({ gold: await freshGold(gold.run, oldestGold?.()) }))
  let told: Promise<Metrics> | undefined
  app.get('/metrics', async (c) => {
    told ??= import('./metrics.ts').then(({ metrics }) => metrics(silver, config.contracts, status, alerts))
    const { contentType, read } = await told
    return c.body(await read(), 200, { 'Content-Type': contentType, 'Cache-Control': 'no-store' })
  })
  app.get('*', etag(), sendFile)
  app.notFound(nothingHere)

  return {
    app,
    async close() {
      await Promise.all([runs.stop(), reader.close(), files.close()])
    },
  }
}

/** Throws where the shop does without a table that is asked for. */
function refuseLeftOut(table: string, leftOut: readonly string[]): void {
  if (!leftOut.includes(table)) return
  throw new Refusal(404, 'data', `This shop leaves ${table} out.`, 'See models in its configuration file.')
}

function sendCsv(c: Context, name: string, file: ReadableStream<Uint8Array>): Response {
  c.header('Content-Type', 'text/csv; charset=utf-8')
  // A question may be called in any letters, of which a header takes few.
  const called = /^[\w-]+$/.test(name)
    ? `filename="${name}.csv"`
    : `filename*=UTF-8''${encodeURIComponent(`${name}.csv`)}`
  c.header('Content-Disposition', `attachment; ${called}`)
  return c.body(file)
}

/** Tells texts of SQL from those before an edit: it counts at once. */
function tagOf(texts: readonly unknown[]): string {
  return bodyOf(texts).etag
}

/** Sends what is kept. */
function send(c: Context, { json, etag }: Body): Response {
  c.header('ETag', etag)
  c.header('Cache-Control', 'private, no-cache')
  return c.body(json, 200, { 'Content-Type': 'application/json' })
}
