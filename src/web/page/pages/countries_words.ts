/** The words of the page of countries. */
export const en = {
  byCountry: 'Revenue by country',
  byCountryNote: 'A share is of all revenue. The grey parts belong to no known country.',
  cut: (shown: string, all: string) => ` The first ${shown} of ${all} countries; the table has all.`,
  country: 'Country',
  revenue: 'Revenue',
  share: 'Share',
  orders: 'Orders',
  active: 'Active customers',
  activeMeaning: 'Different customers with an order in the period, each counted once.',
  customers: 'Customers',
  customersMeaning: 'All customers of the country, buyers or not, whatever the period.',
  perCustomer: 'Value per customer',
  perCustomerNote:
    'All time and all products: revenue of a country’s customers divided by all its customers, buyers or not.',
  consent: 'Marketing consent',
  consentNote: 'Customers who said yes, of all customers. Silence is not consent.',
  yes: 'Said yes',
  no: 'No',
  consentSum: (a: { yes: string; yesShare: string; no: string; noShare: string }) =>
    `${a.yes} said yes (${a.yesShare}), ${a.no} did not (${a.noShare}).`,
  silent: (share: string) => `${share} of the documents of bronze say nothing of it, which counts as no.`,
  places: {
    Unknown: 'Country unknown',
    'customer not in customers': 'Customer not on file',
    'no customer': 'No customer',
    'Other countries': 'Other countries',
  } as Record<string, string>,
  /** Where there is less room. */
  layers: { 'customer not in customers': 'Not on file' } as Record<string, string>,
  meanings: {
    Unknown: 'the customer is known, but not the country.',
    'customer not in customers': 'the sale names a customer who is not in the table of customers.',
    'no customer': 'the sale names nobody.',
  },
  sum: (a: { all: string; country: string; none: string; share: string }) =>
    `Together ${a.all}: ${a.country} of known countries and ${a.none} (${a.share}) of none.`,
  closer: 'Look closer at',
  choose: 'Choose a country',
  overviewOf: 'Overview',
  customersOf: 'Customers',
  months: 'Revenue by month and country',
  monthsNote:
    'Months are UTC unless the shop names its time zone; sales without a date are left out. Layers lie in the order of the names.',
  month: 'Month',
  table: 'All countries',
  tableNote: 'Revenue, orders and active customers are of the period and product; the rest is of all time.',
  opensFor: (page: string, country: string) => `${page} of ${country}`,
}

/** The same in French. */
export const fr: typeof en = {
  byCountry: 'Chiffre d’affaires par pays',
  byCountryNote: 'Les parts se rapportent au chiffre d’affaires total. En gris : ce qui ne revient à aucun pays connu.',
  cut: (shown, all) => ` Les ${shown} premiers pays sur ${all} ; le tableau les donne tous.`,
  country: 'Pays',
  revenue: 'Chiffre d’affaires',
  share: 'Part',
  orders: 'Commandes',
  active: 'Clients actifs',
  activeMeaning: 'Clients différents ayant commandé dans la période, chacun compté une fois.',
  customers: 'Clients',
  customersMeaning: 'Tous les clients du pays, acheteurs ou non, quelle que soit la période.',
  perCustomer: 'Valeur par client',
  perCustomerNote:
    'Depuis toujours, tous produits : chiffre d’affaires des clients d’un pays divisé par tous ses clients, acheteurs ou non.',
  consent: 'Consentement marketing',
  consentNote: 'Clients ayant dit oui, sur tous les clients. Le silence ne vaut pas consentement.',
  yes: 'Ont dit oui',
  no: 'Non',
  consentSum: (a) => `${a.yes} ont dit oui (${a.yesShare}), ${a.no} non (${a.noShare}).`,
  silent: (share) => `${share} des documents de bronze n’en disent rien, ce qui compte comme un non.`,
  places: {
    Unknown: 'Pays inconnu',
    'customer not in customers': 'Client sans fiche',
    'no customer': 'Sans client',
    'Other countries': 'Autres pays',
  },
  layers: {},
  meanings: {
    Unknown: 'le client est connu, mais pas son pays.',
    'customer not in customers': 'la vente cite un client absent de la table des clients.',
    'no customer': 'la vente ne cite personne.',
  },
  sum: (a) => `Ensemble ${a.all} : ${a.country} pour les pays connus et ${a.none} (${a.share}) pour aucun pays connu.`,
  closer: 'Voir de plus près',
  choose: 'Choisir un pays',
  overviewOf: 'Vue d’ensemble',
  customersOf: 'Clients',
  months: 'Chiffre d’affaires par mois et par pays',
  monthsNote:
    'Mois en UTC, sauf si la boutique nomme son fuseau horaire ; ventes sans date écartées. Les couches suivent l’ordre des noms.',
  month: 'Mois',
  table: 'Tous les pays',
  tableNote:
    'Chiffre d’affaires, commandes et clients actifs suivent la période et le produit ; le reste est depuis toujours.',
  opensFor: (page, country) => `${page} : ${country}`,
}
