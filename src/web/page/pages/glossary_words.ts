/** The words of the glossary; what tables and columns mean is told in the words of their models. */
export const en = {
  search: 'Table, column or meaning',
  found: (count: string, all: string) => `${count} of ${all} columns`,
  nothing: 'No table and no column is called so, or means that.',
  silver: (collection: string) => `Silver: ${collection}`,
  silverNote: 'What a record is after cleaning; the tables of gold are worked out from these columns.',
  personal: 'may identify a person',
  rows: 'Rows',
  rowsOf: (table: string) => `Rows of ${table}`,
  origin: 'Origin',
  originOf: (table: string) => `Origin of ${table}`,
}

/** The same in French. */
export const fr: typeof en = {
  search: 'Table, colonne ou sens',
  found: (count, all) => `${count} colonnes sur ${all}`,
  nothing: 'Aucune table ni colonne ne porte ce nom, ou n’a ce sens.',
  silver: (collection) => `Silver : ${collection}`,
  silverNote:
    'Ce qu’est un enregistrement après nettoyage ; les tables de gold sont calculées à partir de ces colonnes.',
  personal: 'peut identifier une personne',
  rows: 'Lignes',
  rowsOf: (table) => `Lignes de ${table}`,
  origin: 'Origine',
  originOf: (table) => `Origine de ${table}`,
}
