/** The words of the page of products. */
export const en = {
  kpis: {
    revenue: { label: 'Revenue', meaning: 'Sum of amount − discount + shipping, where the amount is known.' },
    sales: { label: 'Sales', meaning: 'All transactions, whether their amount is known or not.' },
    products: { label: 'Products sold', meaning: 'Known products with at least one sale in the period.' },
    avg_price: { label: 'Average price', meaning: 'Mean of the known amounts, before discount and shipping.' },
  },
  sales: 'Sales',
  price: 'Average price',
  customers: 'Customers',
  change: 'Change',
  changeMeaning: (period: string) => `The change is of the revenue, on ${period}.`,

  products: 'Products',
  narrows: 'A product narrows the page.',

  months: 'Revenue by month and product',
  monthsNote: 'The eight best products of the period by name. Sales without a date are left out.',

  moves: 'Which product moves',
  revenueShort: 'Revenue',
  movesNote:
    'Each product on scales of its own, from zero: compare shapes, not heights. The number is that of the last month shown.',
}

export const fr: typeof en = {
  kpis: {
    revenue: {
      label: 'Chiffre d’affaires',
      meaning: 'Somme de montant − remise + livraison, quand le montant est connu.',
    },
    sales: { label: 'Ventes', meaning: 'Toutes les transactions, que leur montant soit connu ou non.' },
    products: { label: 'Produits vendus', meaning: 'Produits connus ayant au moins une vente dans la période.' },
    avg_price: { label: 'Prix moyen', meaning: 'Moyenne des montants connus, avant remise et livraison.' },
  },
  sales: 'Ventes',
  price: 'Prix moyen',
  customers: 'Clients',
  change: 'Évolution',
  changeMeaning: (period) => `L’évolution est celle du chiffre d’affaires, par rapport à ${period}.`,

  products: 'Produits',
  narrows: 'Choisir un produit restreint la page à celui-ci.',

  months: 'Chiffre d’affaires par mois et par produit',
  monthsNote: 'Les huit meilleurs produits de la période sont nommés. Les ventes sans date sont écartées.',

  moves: 'Quel produit bouge',
  revenueShort: 'CA',
  movesNote:
    'Chaque produit a ses propres échelles, à partir de zéro\u00a0: comparez les formes, non les hauteurs. Le nombre est celui du dernier mois montré.',
}
