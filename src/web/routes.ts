import { createRoute, z } from '@hono/zod-openapi'
import { why as toldWhy } from '../trust/why/why_schema.ts'
import * as api from './api.ts'
import * as explanations from './explanation.ts'

const json = <S extends z.ZodType>(schema: S, description: string) => ({
  description,
  content: { 'application/json': { schema } },
})

const refusal = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: api.problem } },
})

const problems = {
  400: refusal('A parameter is wrong.'),
  403: refusal('This is not allowed from here.'),
  404: refusal('There is no gold, or no silver, yet.'),
  409: refusal('A run is under way.'),
  413: refusal('The body is too large.'),
  415: refusal('The body is no JSON.'),
  422: refusal('The statement is wrong, takes too long or gives too much.'),
  401: refusal('The token is missing or wrong.'),
  500: refusal('A defect, or a setting that is wrong.'),
  503: refusal('A server does not answer.'),
} as const

/** What every address may answer. */
const common = { 403: problems[403], 500: problems[500], 503: problems[503] } as const
/** What addresses with parameters may answer, beside. */
const unfit = { 400: problems[400], 404: problems[404], ...common } as const
/** What is kept is sent with a tag. */
const unchanged = { description: 'It is as `If-None-Match` has it.' } as const

const kept = z.object({ 'if-none-match': z.string().optional() })

export const status = createRoute({
  method: 'get',
  path: '/api/status',
  operationId: 'readStatus',
  summary: 'What is there and what goes on',
  description: 'The gold in place, the run that is under way, the last run, and which server does not answer.',
  responses: { 200: json(api.status, 'The status.'), ...common },
})

export const events = createRoute({
  method: 'get',
  path: '/api/events',
  operationId: 'followStatus',
  summary: 'The status, now and whenever it changes',
  description:
    'Server-sent events without a name: the data of each is a `Status`. A comment comes every 15 seconds, so that nobody in between takes the connection for dead.',
  responses: {
    200: { description: 'The events.', content: { 'text/event-stream': { schema: z.string() } } },
    ...common,
  },
})

export const choices = createRoute({
  method: 'get',
  path: '/api/choices',
  operationId: 'readChoices',
  summary: 'What a view can be narrowed to',
  request: { headers: kept },
  responses: { 200: json(api.choices, 'The choices.'), 304: unchanged, 404: problems[404], ...common },
})

export const found = createRoute({
  method: 'get',
  path: '/api/choices/{filter}',
  operationId: 'searchChoices',
  summary: 'Values of a filter in which a text stands',
  description:
    'At most 50: those that begin with it first, then those that brought in most. The filter is `country`, `product`, or one of the shop’s own as `filter.category`.',
  request: {
    params: z.object({ filter: z.string().max(200) }),
    query: z.object({ search: z.string().max(200).default('') }),
    headers: kept,
  },
  responses: { 200: json(z.array(z.string()), 'The values.'), 304: unchanged, ...unfit },
})

export const marks = createRoute({
  method: 'get',
  path: '/api/marks',
  operationId: 'readMarks',
  summary: 'Goals, events, notes and views of the shop, as `lingot.marks.yml` has them now',
  request: { headers: kept },
  responses: { 200: json(api.marks, 'The marks.'), 304: unchanged, ...common },
})

export const pages = createRoute({
  method: 'get',
  path: '/api/pages/{page}',
  operationId: 'readPage',
  summary: 'All that a page shows of gold',
  description:
    'All figures are of one moment. A period without any month of sales has figures without rows. A parameter such as `filter.category` narrows the page to a value of one of the filters that `/api/choices` names; what does not add up then is empty, what is scored over all customers is left out, and `unanswered` names both. Customers are narrowed by fields of customers alone.',
  request: { params: z.object({ page: z.enum(api.pages) }), query: api.filters, headers: kept },
  responses: { 200: json(api.page, 'The figures.'), 304: unchanged, ...unfit },
})

const csv = {
  200: { description: 'All rows.', content: { 'text/csv': { schema: z.string() } } },
  422: problems[422],
  ...unfit,
} as const

export const figureCsv = createRoute({
  method: 'get',
  path: '/api/csv/{page}/{figure}',
  operationId: 'readFigureCsv',
  summary: 'All rows of a figure as CSV',
  request: { params: z.object({ page: z.enum(api.pages), figure: z.string().max(100) }), query: api.filters },
  responses: csv,
})

export const catalogue = createRoute({
  method: 'get',
  path: '/api/explore',
  operationId: 'readCatalogue',
  summary: 'What can be asked without SQL: measures, dimensions, and which of them go together',
  request: { headers: kept },
  responses: { 200: json(api.catalogue, 'The catalogue.'), 304: unchanged, 404: problems[404], ...common },
})

/** What narrows it: it is compared with nothing. */
const explored = api.filters.omit({ compare: true, grain: true })
const subject = z.object({ subject: z.enum(api.subjects) })

export const explore = createRoute({
  method: 'get',
  path: '/api/explore/{subject}',
  operationId: 'exploreGold',
  summary: 'Measures by dimensions',
  description:
    'A row for each of `by`; with `across` a row for each cell, and where there are more columns than `mostColumns` of the catalogue, one for all others together, whose column is null. It is narrowed as the page is that the catalogue names; `unanswered` says which measures are empty since they do not add up over what is chosen.',
  request: { params: subject, query: api.selection.extend(explored.shape), headers: kept },
  responses: {
    200: json(api.explored, 'The rows, and their SQL.'),
    304: unchanged,
    400: problems[400],
    404: problems[404],
    422: refusal('No table of gold holds what is asked together.'),
    ...common,
  },
})

export const exploreCsv = createRoute({
  method: 'get',
  path: '/api/csv/explore/{subject}',
  operationId: 'exploreCsv',
  summary: 'All rows of measures by dimensions as CSV',
  request: { params: subject, query: api.selection.omit({ limit: true }).extend(explored.shape) },
  responses: csv,
})

export const customersCsv = createRoute({
  method: 'get',
  path: '/api/csv/customers',
  operationId: 'readCustomersCsv',
  summary: 'The whole table of customers as CSV',
  request: { query: api.customersQuery.omit({ offset: true, limit: true }) },
  responses: csv,
})

export const answerCsv = createRoute({
  method: 'get',
  path: '/api/csv/answers/{question}',
  operationId: 'readAnswerCsv',
  summary: 'All rows of the answer to a question as CSV',
  request: { params: z.object({ question: z.string().max(200) }), query: api.filters.pick({ asOf: true }) },
  responses: csv,
})

export const customers = createRoute({
  method: 'get',
  path: '/api/customers',
  operationId: 'readCustomers',
  summary: 'A part of the table of customers',
  description: 'A parameter such as `filter.segment` narrows it to a value of a filter that is a field of customers.',
  request: { query: api.customersQuery, headers: kept },
  responses: { 200: json(api.customers, 'The customers.'), 304: unchanged, ...unfit },
})

export const customer = createRoute({
  method: 'get',
  path: '/api/customers/{id}',
  operationId: 'readCustomer',
  summary: 'What is known of a customer: their row of gold, where they stand, and their segment',
  request: {
    params: z.object({ id: z.string().max(500) }),
    query: api.filters.pick({ asOf: true }),
    headers: kept,
  },
  responses: { 200: json(api.customer, 'The customer.'), 304: unchanged, ...unfit },
})

export const answers = createRoute({
  method: 'get',
  path: '/api/answers',
  operationId: 'readAnswers',
  summary: 'The answers that `lingot ask` gives',
  request: { query: api.filters.pick({ asOf: true }), headers: kept },
  responses: {
    200: json(api.answers, 'The answers.'),
    304: unchanged,
    404: problems[404],
    422: problems[422],
    ...common,
  },
})

export const trust = createRoute({
  method: 'get',
  path: '/api/trust',
  operationId: 'readTrust',
  summary: 'How far the numbers can be trusted, and where each comes from',
  request: { headers: kept },
  responses: { 200: json(api.trust, 'The report.'), 304: unchanged, 404: problems[404], ...common },
})

export const trusted = createRoute({
  method: 'get',
  path: '/api/trusted',
  operationId: 'readTrusted',
  summary: 'How the checks of each table went, and how its revenue adds up',
  request: { headers: kept },
  responses: { 200: json(api.trusted, 'By table.'), 304: unchanged, ...common },
})

const KINDS = 'A customer, a product, a campaign, a month or a country; or a table, of which the key names a row.'
const LIMITS = 'A few are worked at at a time, each for so long.'

export const explain = createRoute({
  method: 'get',
  path: '/api/explain/{subject}/{key}',
  operationId: 'explainNumber',
  summary: 'A number, back to its bronze documents: `lingot explain`',
  description: `${KINDS} Months, products and countries may be narrowed by what narrows the page: then the sales are explained that are left. \`sales\` and a month explain its sales; \`figure\` and a key as \`overview.revenue\` a figure of a page, \`cell\` and a key as \`overview/months.repeat_rate_pct/2025-03\` a number of a chart or table of it. At most 10 records of each collection are listed, or as many as \`records\` says, and records are read for at most 10 seconds. With the token it tells what bronze has in fields that were mended, but of personal ones. ${LIMITS}`,
  security: [{ token: [] }, {}],
  request: {
    params: z.object({ subject: z.string().max(100), key: z.string().max(1000) }),
    query: explanations.listing,
    headers: kept,
  },
  responses: {
    200: json(explanations.explanation, 'The explanation.'),
    304: unchanged,
    400: problems[400],
    404: problems[404],
    422: refusal('There is no such row, or too much is behind it.'),
    ...common,
  },
})

export const why = createRoute({
  method: 'get',
  path: '/api/why/{subject}/{key}',
  operationId: 'askWhy',
  summary: 'Why a number is another one than it was: `lingot why`',
  description: `${KINDS} It takes at most 30 seconds. ${LIMITS}`,
  request: {
    params: z.object({ subject: z.string().max(100), key: z.string().max(1000) }),
    query: explanations.whyQuery,
    headers: kept,
  },
  responses: {
    200: json(toldWhy, 'The causes.'),
    304: unchanged,
    400: problems[400],
    404: refusal('There is no gold before the one in place, or nothing was kept of it.'),
    422: refusal('There is no such row or column, or it takes too long.'),
    ...common,
  },
})

export const queries = createRoute({
  method: 'get',
  path: '/api/queries',
  operationId: 'readQueries',
  summary: 'The SQL of the questions, the models and the figures',
  request: { headers: kept },
  responses: { 200: json(z.array(api.query), 'The queries.'), 304: unchanged, ...common },
})

export const tables = createRoute({
  method: 'get',
  path: '/api/tables',
  operationId: 'readTables',
  summary: 'The tables that may be asked, with their columns, types and meanings',
  description:
    'Those of gold that the user may read as whom statements are put; a column without that right is not told of.',
  request: { headers: kept },
  responses: { 200: json(z.array(api.table), 'The tables.'), 304: unchanged, ...common },
})

export const sql = createRoute({
  method: 'post',
  path: '/api/sql',
  operationId: 'askSql',
  summary: 'Put a statement of your own to gold',
  description:
    'One query, read-only, of at most 10 seconds and 1,000 rows. Allowed where `canAsk` of the status is true, with the token that `lingot serve` printed unless this machine alone reaches it and gold is read as a user of its own. It is cancelled when who asks goes away.',
  security: [{ token: [] }, {}],
  request: { body: { required: true, content: { 'application/json': { schema: api.statement } } } },
  responses: {
    200: json(api.result, 'The rows.'),
    400: problems[400],
    401: problems[401],
    413: problems[413],
    415: problems[415],
    422: problems[422],
    ...common,
  },
})

export const sqlCsv = createRoute({
  method: 'post',
  path: '/api/csv/sql',
  operationId: 'readSqlCsv',
  summary: 'All rows of a statement of your own as CSV',
  description:
    'Allowed as putting one is, of at most 60 seconds and 64 MB. The connection breaks where the first rows were sent and the others are too many, or take too long.',
  security: [{ token: [] }, {}],
  request: { body: { required: true, content: { 'application/json': { schema: api.statement } } } },
  responses: { ...csv, 401: problems[401], 413: problems[413], 415: problems[415] } as const,
})

export const runs = createRoute({
  method: 'post',
  path: '/api/runs',
  operationId: 'startRun',
  summary: 'Start a run: bronze to gold',
  description:
    'Allowed where `canRun` of the status is true, with the token that `lingot serve` printed. How it goes is told by the status.',
  security: [{ token: [] }],
  request: { body: { required: true, content: { 'application/json': { schema: z.object({}) } } } },
  responses: {
    202: json(api.started, 'The run has started.'),
    400: problems[400],
    401: problems[401],
    409: problems[409],
    413: problems[413],
    415: problems[415],
    ...common,
  },
})

export const cancel = createRoute({
  method: 'delete',
  path: '/api/runs',
  operationId: 'stopRun',
  summary: 'Stop the run that was started here',
  description: 'Allowed as starting one is. It stops as at Ctrl-C: gold and silver stay as they are.',
  security: [{ token: [] }],
  responses: {
    202: json(z.object({}), 'It was told to stop.'),
    401: problems[401],
    409: refusal('No run that was started here is under way.'),
    ...common,
  },
})
