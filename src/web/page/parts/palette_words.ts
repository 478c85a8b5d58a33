/** The words of what is found by Ctrl-K. */
export const en = {
  label: 'Search and commands',
  placeholder: 'A page, customer, product, country, column or command',
  nothing: 'Nothing is called so.',
  found: (count: number) => `${count} found`,
  kinds: {
    page: 'Page',
    command: 'Command',
    customer: 'Customer',
    product: 'Product',
    country: 'Country',
    column: 'Column',
    view: 'View',
    query: 'Query',
  },
  theme: (name: string) => `Look: ${name}`,
  language: (name: string) => `Language: ${name}`,
  print: 'Print this page',
}

export const fr: typeof en = {
  label: 'Recherche et commandes',
  placeholder: 'Page, client, produit, pays, colonne ou commande',
  nothing: 'Rien ne porte ce nom.',
  found: (count) => `${count} résultats`,
  kinds: {
    page: 'Page',
    command: 'Commande',
    customer: 'Client',
    product: 'Produit',
    country: 'Pays',
    column: 'Colonne',
    view: 'Vue',
    query: 'Requête',
  },
  theme: (name) => `Apparence : ${name}`,
  language: (name) => `Langue : ${name}`,
  print: 'Imprimer cette page',
}
