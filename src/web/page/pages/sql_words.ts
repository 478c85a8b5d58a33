/** The words of the SQL page. */
export const en = {
  kinds: { bars: 'Bars', line: 'Line', dots: 'Dots' },
  groups: { question: 'Questions', model: 'Models', figure: 'Figures of the pages' },
  queries: 'Queries',
  own: 'A statement of your own',
  find: 'Find a query',
  statement: 'Statement',
  run: 'Run',
  runs: 'Running…',
  cancel: 'Cancel',
  hint: 'Ctrl-Enter runs it',
  waits: 'Nothing has been asked yet: Run or Ctrl-Enter puts it to PostgreSQL.',
  notAllowed:
    'Statements of your own are not allowed from here: this page can be reached from other machines, and gold is not read as a user of its own.',
  limits: 'Read-only, at most 10 seconds and 1,000 rows.',
  modelNote: 'A model runs on silver while gold is made. Read it here; its table can be asked.',
  askTable: 'Ask its table',
  edit: 'Edit a copy',
  result: 'Result',
  rows: (count: number, written: string, isCut: boolean) =>
    isCut ? `The first ${written} rows; there are more.` : `${written} ${count === 1 ? 'row' : 'rows'}.`,
  took: (milliseconds: string) => `${milliseconds} ms in PostgreSQL.`,
  noRows: 'The statement gave no rows.',
  chartKind: 'Chart',
  across: 'Across',
  up: 'Up',
  chartLabel: (y: string, x: string) => `A chart of ${y} by ${x}. The button Table shows the rows.`,
}

export const fr: typeof en = {
  kinds: { bars: 'Barres', line: 'Ligne', dots: 'Points' },
  groups: { question: 'Questions', model: 'Modèles', figure: 'Graphiques des pages' },
  queries: 'Requêtes',
  own: 'Votre propre requête',
  find: 'Chercher une requête',
  statement: 'Requête',
  run: 'Exécuter',
  runs: 'En cours…',
  cancel: 'Annuler',
  hint: 'Ctrl-Entrée l’exécute',
  waits: 'Rien n’a encore été demandé : Exécuter ou Ctrl-Entrée pose la requête à PostgreSQL.',
  notAllowed:
    'Vos propres requêtes ne sont pas permises d’ici : cette page est joignable depuis d’autres machines, et gold n’est pas lu par un utilisateur à part.',
  limits: 'Lecture seule, 10 secondes et 1 000 lignes au plus.',
  modelNote:
    'Un modèle s’exécute sur silver pendant la fabrication de gold. On le lit ici ; sa table peut être interrogée.',
  askTable: 'Interroger sa table',
  edit: 'Modifier une copie',
  result: 'Résultat',
  rows: (count, written, isCut) =>
    isCut ? `Les ${written} premières lignes ; il y en a d’autres.` : `${written} ${count > 1 ? 'lignes' : 'ligne'}.`,
  took: (milliseconds) => `${milliseconds} ms dans PostgreSQL.`,
  noRows: 'La requête n’a donné aucune ligne.',
  chartKind: 'Graphique',
  across: 'En abscisse',
  up: 'En ordonnée',
  chartLabel: (y, x) => `Graphique de ${y} selon ${x}. Le bouton Tableau montre les lignes.`,
}
