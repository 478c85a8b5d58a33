/** What the sample shop sells, to whom, when, and what its records lack: tables to edit. */

/** How many documents there are at scale 1. */
export const standardSize = { customers: 5000, transactions: 15_000, campaigns: 200 }

/** The days that sales and campaigns lie in, and the day the shop opened its first account. */
export const period = { opened: '2021-01-01', from: '2024-07-01', to: '2026-07-01' }

/** The fields of each collection in their order, and the share of documents in which each is missing. */
export const gaps = {
  customers: {
    customer_id: 0.01,
    first_name: 0.15,
    last_name: 0.15,
    email: 0.2,
    phone: 0.3,
    age: 0.2,
    country: 0.2,
    city: 0.35,
    postal_code: 0.2,
    gender: 0.5,
    marketing_consent: 0.6,
    created_at: 0,
  },
  transactions: {
    transaction_id: 0.01,
    customer_id: 0.1,
    product: 0.15,
    amount: 0.1,
    quantity: 0.25,
    payment_method: 0.15,
    discount_applied: 0.4,
    shipping_cost: 0.45,
    status: 0.35,
    timestamp: 0,
  },
  campaigns: {
    campaign_id: 0.02,
    campaign_name: 0.1,
    campaign_type: 0.15,
    budget: 0.2,
    spend: 0.4,
    impressions: 0.25,
    clicks: 0.3,
    conversions: 0.35,
    start_date: 0,
    status: 0.5,
    target_audience: 0.2,
  },
}

/** The share of the gaps where the field is there, but null. */
export const nulls = 0.2

/** The share of ids that name two different documents. */
export const collisions = { customers: 0.027, transactions: 0.008 }

/** The share of documents that repeat another in everything but `_id`. */
export const repeats = { transactions: 0.003, campaigns: 0.01 }

/** The share of sales whose customer is not in `customers`, and how many such customers there are to one that is. */
export const strangers = { sales: 0.55, customers: 1.5 }

/** Price in euros, weight of the parcel in kilograms, share of sales of more than one, how often it is sold. */
export const products = [
  { name: 'Laptop', price: 999, parcel: 3, several: 0.03, weight: 9 },
  { name: 'Smartphone', price: 749, parcel: 0.5, several: 0.04, weight: 12 },
  { name: 'Tablet', price: 429, parcel: 0.8, several: 0.04, weight: 8 },
  { name: 'Monitor', price: 289, parcel: 7, several: 0.1, weight: 7 },
  { name: 'Camera', price: 649, parcel: 1.2, several: 0.02, weight: 3 },
  { name: 'Smartwatch', price: 229, parcel: 0.3, several: 0.05, weight: 9 },
  { name: 'Headphones', price: 149, parcel: 0.6, several: 0.08, weight: 14 },
  { name: 'Printer', price: 179, parcel: 8, several: 0.02, weight: 4 },
  { name: 'Speaker', price: 119, parcel: 1.5, several: 0.15, weight: 6 },
  { name: 'Router', price: 99, parcel: 0.9, several: 0.03, weight: 4 },
  { name: 'Webcam', price: 79, parcel: 0.3, several: 0.06, weight: 4 },
  { name: 'Keyboard', price: 69, parcel: 1, several: 0.08, weight: 8 },
  { name: 'External Drive', price: 89, parcel: 0.4, several: 0.15, weight: 5 },
  { name: 'Mouse', price: 35, parcel: 0.2, several: 0.12, weight: 10 },
]

export const payments = [
  { name: 'Card', weight: 54 },
  { name: 'PayPal', weight: 23 },
  { name: 'Bank Transfer', weight: 10 },
  { name: 'Apple Pay', weight: 8 },
  { name: 'Gift Card', weight: 5 },
]

export const saleStatuses = [
  { name: 'Completed', weight: 80 },
  { name: 'Pending', weight: 8 },
  { name: 'Cancelled', weight: 7 },
  { name: 'Refunded', weight: 5 },
]

/** Sales of each month of the year, of each day of the week from Sunday, of each hour (UTC), and growth in a year. */
export const rhythm = {
  months: [0.95, 0.78, 0.86, 0.88, 0.92, 0.94, 0.82, 0.66, 0.92, 1.02, 1.5, 1.75],
  days: [1.2, 0.95, 0.9, 0.95, 0.95, 1.05, 1.15],
  hours: [3, 1, 1, 1, 1, 2, 4, 7, 10, 12, 14, 15, 14, 13, 12, 12, 14, 17, 20, 22, 21, 16, 10, 6],
  growth: 0.2,
}

/** In these months, from January as 0, the shop gives discounts to most. */
export const promotions = [0, 5, 6, 10]

/** Phones and postal codes are templates: # is a digit, * one from 1 to 9, ? a letter. */
export const countries = [
  {
    name: 'France',
    weight: 60,
    phones: ['+3361#######', '+3362#######', '+3366#######', '+3367#######', '+3377#######'],
    cities: [
      { name: 'Paris', weight: 28, postal: ['7500*', '7501#'] },
      { name: 'Marseille', weight: 11, postal: ['1300*', '1301*'] },
      { name: 'Lyon', weight: 10, postal: ['6900*'] },
      { name: 'Toulouse', weight: 8, postal: ['31000', '31100', '31200', '31300', '31400', '31500'] },
      { name: 'Nice', weight: 6, postal: ['06000', '06100', '06200', '06300'] },
      { name: 'Nantes', weight: 6, postal: ['44000', '44100', '44200', '44300'] },
      { name: 'Montpellier', weight: 5, postal: ['34000', '34070', '34080', '34090'] },
      { name: 'Strasbourg', weight: 5, postal: ['67000', '67100', '67200'] },
      { name: 'Bordeaux', weight: 5, postal: ['33000', '33100', '33200', '33300', '33800'] },
      { name: 'Lille', weight: 5, postal: ['59000', '59160', '59800'] },
      { name: 'Rennes', weight: 4, postal: ['35000', '35200', '35700'] },
      { name: 'Saint-Étienne', weight: 3, postal: ['42000', '42100'] },
      { name: 'Grenoble', weight: 3, postal: ['38000', '38100'] },
      { name: "L'Haÿ-les-Roses", weight: 1, postal: ['94240'] },
    ],
  },
  {
    name: 'Belgique',
    weight: 13,
    phones: ['+3247#######', '+3249#######'],
    cities: [
      { name: 'Bruxelles', weight: 40, postal: ['1000', '1020', '1030', '1040', '1050', '1060', '1070', '1080'] },
      { name: 'Liège', weight: 20, postal: ['4000', '4020', '4030'] },
      { name: 'Charleroi', weight: 15, postal: ['6000', '6001'] },
      { name: 'Namur', weight: 15, postal: ['5000', '5100'] },
      { name: 'Mons', weight: 10, postal: ['7000'] },
    ],
  },
  {
    name: 'Suisse',
    weight: 11,
    phones: ['+4176#######', '+4178#######', '+4179#######'],
    cities: [
      { name: 'Genève', weight: 40, postal: ['120*'] },
      { name: 'Lausanne', weight: 30, postal: ['1003', '1004', '1005', '1006', '1007', '1010', '1018'] },
      { name: 'Fribourg', weight: 12, postal: ['1700'] },
      { name: 'Neuchâtel', weight: 10, postal: ['2000'] },
      { name: 'Sion', weight: 8, postal: ['1950'] },
    ],
  },
  {
    name: 'Canada',
    weight: 10,
    phones: ['+15142######', '+14388######', '+14186######', '+18195######'],
    cities: [
      { name: 'Montréal', weight: 50, postal: ['H2? #?#', 'H3? #?#'] },
      { name: 'Québec', weight: 22, postal: ['G1? #?#'] },
      { name: 'Laval', weight: 12, postal: ['H7? #?#'] },
      { name: 'Gatineau', weight: 9, postal: ['J8? #?#'] },
      { name: 'Trois-Rivières', weight: 7, postal: ['G8? #?#', 'G9? #?#'] },
    ],
  },
  {
    name: 'Luxembourg',
    weight: 6,
    phones: ['+352621######', '+352661######', '+352691######'],
    cities: [
      { name: 'Luxembourg', weight: 60, postal: ['11##', '12##', '24##'] },
      { name: 'Esch-sur-Alzette', weight: 20, postal: ['40##', '41##'] },
      { name: 'Differdange', weight: 12, postal: ['45##', '46##'] },
      { name: 'Dudelange', weight: 8, postal: ['34##', '35##'] },
    ],
  },
]

export const firstNames = {
  F: list(`Marie, Camille, Léa, Manon, Chloé, Emma, Sarah, Julie, Inès, Sophie, Claire, Nathalie, Isabelle, Céline,
    Aurélie, Émilie, Hélène, Anne-Sophie, Fatima, Élodie, Lucie, Margaux, Zoé, Noémie, Valérie, Françoise, Agnès,
    Amélie, Marie-Claude, Maëlys`),
  M: list(`Jean, Thomas, Nicolas, Pierre, Lucas, Hugo, Louis, Antoine, Julien, Mathieu, Maxime, Alexandre, Karim,
    François, Sébastien, Frédéric, Jérôme, Jean-Pierre, Mehdi, Gaël, Théo, Raphaël, Benoît, Loïc, Étienne, Rémi,
    Olivier, Philippe, Jean-Baptiste, Noël`),
}

export const lastNames =
  list(`Martin, Bernard, Dubois, Thomas, Robert, Richard, Petit, Durand, Leroy, Moreau, Simon, Laurent, Lefèbvre,
    Michel, Garcia, David, Bertrand, Roux, Vincent, Fournier, Morel, Girard, André, Mercier, Dupont, Lambert,
    Bonnet, François, Martinez, Legrand, Garnier, Faure, Rousseau, Blanc, Guérin, Müller, Henry, Roussel, Nicolas,
    Perrin, Morin, Mathieu, Clément, Gauthier, Dumont, Lopez, Fontaine, Chevalier, Robin, Masson, Sanchez, Gérard,
    Nguyen, Boyer, Denis, Lemaire, Duval, Joly, Gautier, Roger, Tremblay, Gagnon, Bouchard, Côté, Lévesque, Peeters,
    Janssens, Favre, Rochat, Hoffmann, Weber, Benali, Diallo, Traoré, D'Almeida, N'Diaye, L'Hermite, Le Goff,
    Saint-Pierre, Lefort-Meunier`)

/** Names that nobody owns: RFC 2606. */
export const mailDomains = [
  { name: 'example.com', weight: 50 },
  { name: 'example.net', weight: 20 },
  { name: 'example.org', weight: 10 },
  { name: 'courrier.example', weight: 12 },
  { name: 'boite.example', weight: 8 },
]

/** Least and most budget in euros, euros for a thousand impressions, clicks per impression, conversions per click. */
export const campaignTypes = [
  { name: 'Email', least: 1_000, most: 12_000, cpm: 45, ctr: 0.035, conversion: 0.05, weight: 28 },
  { name: 'Social', least: 2_000, most: 20_000, cpm: 9, ctr: 0.011, conversion: 0.02, weight: 26 },
  { name: 'Search', least: 3_000, most: 30_000, cpm: 30, ctr: 0.042, conversion: 0.04, weight: 18 },
  { name: 'Display', least: 3_000, most: 25_000, cpm: 4, ctr: 0.004, conversion: 0.008, weight: 16 },
  { name: 'Influencer', least: 2_000, most: 15_000, cpm: 16, ctr: 0.015, conversion: 0.022, weight: 12 },
]

/** The share of its budget that a campaign spends, and the share of campaigns whose feed has more clicks than views. */
export const spending = { least: 0.4, most: 1.15, miscounted: 0.03 }

/** Each month's campaigns, which carry the year behind their name. */
export const occasions = [
  ['Winter Sale', 'New Year Deals'],
  ["Valentine's Day", 'Winter Clearance'],
  ['Spring Collection', 'Spring Break'],
  ['Easter Offers', 'Spring Collection'],
  ["Mother's Day", 'Spring Sale'],
  ['Summer Sale', "Father's Day"],
  ['Summer Sale', 'Holiday Gadgets'],
  ['Back to School', 'Summer Clearance'],
  ['Back to School', 'Autumn Launch'],
  ['Autumn Deals', 'Halloween'],
  ['Black Friday', 'Cyber Week'],
  ['Christmas', 'Last Minute Gifts'],
]

export const audiences = list(`18-24, 25-34, 35-49, 50+, Students, Families, New Customers, Loyal Customers`)

/** How far campaigns are, by whether they began in the last six weeks of the period. */
export const campaignStatuses = {
  recent: [
    { name: 'Active', weight: 75 },
    { name: 'Paused', weight: 15 },
    { name: 'Draft', weight: 10 },
  ],
  past: [
    { name: 'Completed', weight: 88 },
    { name: 'Paused', weight: 6 },
    { name: 'Active', weight: 4 },
    { name: 'Draft', weight: 2 },
  ],
}

function list(text: string): string[] {
  return text.split(/,\s+/)
}
