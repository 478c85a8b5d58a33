import { expect, test } from 'vitest'
import { codeOf } from '../../src/web/sql_code.ts'

const raw = String.raw

test.each([
  ["select 'a''b', c", 'select  , c'],
  [raw`select '\', c, '\'`, 'select  , c,  '],
  [raw`select E'\'', c, e'a''\\', d`, 'select  , c,  , d'],
  [raw`select aE'\', c`, 'select aE , c'],
  [raw`select éE'\', c`, 'select éE , c'],
  [raw`select U&'\', c`, 'select U& , c'],
  [raw`select U&"a\005f" '"'`, raw`select U&"a\005f"  `],
  ["select b'0''1', c", 'select b , c'],
  ["select 'a'\n'b', c", 'select  \n , c'],
  ["select $$a'$b$$, c", 'select  , c'],
  ["select $é$a$$b$É$$é$, c, '$é$'", 'select  , c,  '],
  ["select a$b$, 'c$b$'", 'select a$b$,  '],
  ['select "it\'s", "a""\'", c', 'select "it\'s", "a""\'", c'],
  ["select 1 -- it's\rfrom a --\n+-- b", 'select 1  \rfrom a  \n+ '],
  ["select 1 /* a /* it's */ -- */ + 2 */**/ 3 /*/ */ + 4", 'select 1   + 2 *  3   + 4'],
  ["select 1.5e-3, 0xff, a[1:2], .5, $1, '1'", 'select 1.5e-3, 0xff, a[1:2], .5, $1,  '],
])('%j has the code %j', (sql, code) => {
  expect(codeOf(sql)).toBe(code)
})

test.each([
  "select 'a",
  "select 'a''",
  raw`select E'a\'`,
  raw`select E'a'${'\n'}'\', b, '`,
  raw`select E'a' -- b${'\n'} '\', b, '`,
  'select $$a$b$',
  'select $a',
  'select "a',
  'select 1 /* /* */',
  raw`select 1E'\', b, '`,
  "select 1$a$'$a$",
])('%j cannot be told for certain', (sql) => {
  expect(codeOf(sql)).toBeUndefined()
})

test.each(["E'' -- -- ", "''", "'", '/*', '$a$b', '-- ', "E'\\", '"', 'E1', '$1'])('%j is read in no time', (part) => {
  const began = performance.now()
  codeOf(part.repeat(100_000 / part.length))
  expect(performance.now() - began).toBeLessThan(500)
})
