import { expect, test } from 'vitest'
import { questionFile } from '../../src/web/page/pages/sql/question_file.ts'

test.each([
  ['Ventes d’été, par pays', 'select 1', 'ventes_d_ete_par_pays.sql', '-- Ventes d’été, par pays\n\nselect 1\n'],
  ['best', '\n-- Who?\nselect 1;\n', 'best.sql', '-- Who?\nselect 1;\n'],
  ['日本', 'select 1', 'question.sql', '-- 日本\n\nselect 1\n'],
  ['../../x', 'select 1', 'x.sql', '-- ../../x\n\nselect 1\n'],
])('%j with %j is the file of a question', (name, sql, file, text) => {
  expect(questionFile(name, sql)).toEqual({ name: file, text })
})
