/*
 * What servers say of an error. They like to quote what they met: the value that could not be converted, the key that is
 * there twice, the row that broke a rule. Such a message is replaced by what is known of it that is no value of the data.
 */

/** The message of an error, without a value of the data. */
export function withoutValues(error: Error): string {
  return conditionOf(error) ?? withoutCommand(error.message)
}

/** Whether the message of an error is not shown. */
export function isHidden(error: Error): boolean {
  return conditionOf(error) !== undefined
}

/** What is known of an error whose message may quote a value. */
function conditionOf(error: Error): string | undefined {
  const code = 'code' in error ? error.code : undefined
  if (error.name.startsWith('Mongo') && typeof code === 'number') {
    return OF_THE_SERVER.has(code) ? undefined : mongodbCondition(error, code)
  }
  // The driver gives errors of PostgreSQL a severity.
  if (!('severity' in error) || typeof code !== 'string' || !SQLSTATE.test(code)) return undefined
  const isRaised = 'routine' in error && /^exec_stmt_/.test(String(error.routine))
  return OF_THE_STATEMENT.test(code) && !isRaised ? undefined : postgresCondition(error, code)
}

/** A line of a log, without what it quotes: Spark puts values there, and names into backticks. */
export function withoutQuotes(line: string): string {
  return line.replace(/'.*'|".*"/gs, '…')
}

// ------------------------------------------------------------------------------------------------------------- MongoDB

/**
 * Codes whose messages tell of a server, of rights and names alone: of connections, users, collections and options,
 * commands and stages that are not known, indexes, time and room. All others may quote a value.
 */
const OF_THE_SERVER: ReadonlySet<number> = new Set([
  ...[
    6, 7, 13, 18, 20, 26, 43, 48, 50, 59, 64, 67, 72, 73, 76, 85, 86, 89, 91, 96, 100, 115, 133, 134, 136, 166, 167,
    175, 189,
  ],
  ...[235, 237, 238, 262, 263, 291, 292, 303, 323, 8000, 9001, 10107, 11600, 11602, 13297, 13388, 13435, 13436, 14031],
  ...[40324, 40415],
])

/** MongoDB shows a command that it refuses whole, with the values that it asks for: its name and collection say enough. */
function withoutCommand(message: string): string {
  return message.replace(/ command \{ (\w+): (?:"([^"]*)")?.*/s, (_, command, collection) =>
    collection === undefined ? ` ${command}` : ` ${command} on ${collection}`,
  )
}

/** What a write error is called, which has no name of its own. */
const NAMES: Readonly<Record<number, string>> = { 121: 'DocumentValidationFailure', 11000: 'DuplicateKey' }

/** Expressions and stages that fail over a value. */
const OPERATORS =
  /\$(?:convert|to(?:Bool|Date|Decimal|Double|Int|Long|ObjectId|String|Lower|Upper)|date[A-Z]\w{2,20}|year|month|dayOf\w{4,5}|hour|minute|second|add|subtract|multiply|divide|mod|abs|ceil|floor|round|trunc|pow|sqrt|ln|log|log10|exp|sum|avg|size|slice|filter|map|reduce|zip|in|arrayElemAt|arrayToObject|objectToArray|mergeObjects|setField|getField|concat|concatArrays|split|substr(?:Bytes|CP)?|strLen(?:Bytes|CP)|indexOf(?:Array|Bytes|CP)|l?r?trim|replace(?:One|All|Root|With)|regex(?:Match|Find|FindAll)|strcasecmp|range|switch|function|accumulator|unwind|lookup|graphLookup|group|sort|merge|out|project|set|addFields|bucket|redact|unionWith|setWindowFields|densify|fill)\b/g

function mongodbCondition(error: Error, code: number): string {
  const name = 'codeName' in error && typeof error.codeName === 'string' ? error.codeName : NAMES[code]
  const operators = [...new Set(withoutQuotes(error.message).match(OPERATORS))]
  const index = /^E11000 .*? collection: (\S+) index: (\S+)/.exec(error.message)
  return [
    name ?? 'an error',
    ` (${code})`,
    operators.length === 0 ? '' : ` in ${operators.join(', ')}`,
    index === null ? '' : ` in the index ${index[2]} of ${index[1]}`,
    HIDDEN,
  ].join('')
}

// ---------------------------------------------------------------------------------------------------------- PostgreSQL

const SQLSTATE = /^[0-9A-Z]{5}$/

/**
 * Classes of SQLSTATE whose messages tell of a connection, of names, of the statement's own text, of rights, room and
 * the server. Others (data, constraints, what functions raise) may quote a value.
 */
const OF_THE_STATEMENT = /^(?:08|0A|25|26|28|2B|34|3D|3F|40|42|53|54|55|57|58|XX)/

const CONDITIONS: Readonly<Record<string, string>> = {
  '22001': 'a text is too long',
  '22003': 'a number is out of range',
  '22007': 'a text is no date or time',
  '22008': 'a date or time is out of range',
  '22012': 'a division by zero',
  '22021': 'a text does not fit the encoding',
  '22P02': 'a text is no value of the type',
  '22P03': 'bytes are no value of the type',
  '22P05': 'a character does not exist in the encoding of the database',
  '23502': 'a value is missing where none may be',
  '23503': 'a row refers to one that is not there, or is referred to',
  '23505': 'a key is there already',
  '23514': 'a row breaks a rule of the table',
  '23P01': 'a row excludes another',
  '44000': 'a row is none of the view',
}

const CLASSES: Readonly<Record<string, string>> = {
  '22': 'a value does not fit',
  '23': 'a row breaks a rule of the table',
}

function postgresCondition(error: Error, code: string): string {
  const of = (field: string) => {
    const value = field in error ? (error as unknown as Record<string, unknown>)[field] : undefined
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  // The rest of the context holds the line that was copied, and the statement.
  const [, copied, into] = /^COPY ([^\s,]+), line \d+(?:, column ([^\s:,]+))?/m.exec(of('where') ?? '') ?? []
  const [, raisedBy] = /^PL\/\w+ function ([\w.]+)/m.exec(of('where') ?? '') ?? []
  const [, type] =
    /^invalid input syntax for type ([a-z0-9 ]+): "|" is out of range for type ([a-z0-9 ]+)$/
      .exec(error.message)
      ?.filter(Boolean) ?? []
  const table = of('table') ?? copied
  const column = of('column') ?? into
  const places = [
    column && `column ${column}`,
    table && `table ${[of('schema'), table].filter(Boolean).join('.')}`,
    of('constraint') && `constraint ${of('constraint')}`,
    type && `type ${type}`,
    raisedBy && `function ${raisedBy}`,
  ].filter(Boolean)
  const condition = CONDITIONS[code] ?? CLASSES[code.slice(0, 2)] ?? 'a function or trigger refused it'
  return `${condition} (${code})${places.length === 0 ? '' : `, ${places.join(', ')}`}${HIDDEN}`
}

const HIDDEN = '; its message is not shown, since it may quote a value'
