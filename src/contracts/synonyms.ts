/**
 * What fields are called elsewhere, in English and French: phrases in small letters without accents and without
 * `de`, `du`, `the` …, the likelier first. Two words count in both orders; the name of a thing itself is left out, so
 * `client_email` and `email_client` of a customer are `email`.
 */
export const synonyms: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  customers: {
    customer_id: phrases(`
      id, identifiant, identifier, code, ref, reference, numero, number, num, no, n, uid, uuid, key, cle
    `),
    first_name: phrases('prenom, given name, forename, first, fname'),
    last_name: phrases('nom, surname, family name, nom famille, last, lname'),
    email: phrases(
      'mail, e mail, email address, courriel, adresse mail, adresse e mail, adresse courriel, mel, contact email, contact mail',
    ),
    age: phrases('age annees, age years'),
    country: phrases('pays, country name, nom pays, pays residence, nation'),
    phone: phrases(`
      telephone, tel, phone number, telephone number, numero telephone, numero tel, num tel, mobile, portable,
      mobile phone, telephone portable, telephone mobile, tel portable, tel mobile, gsm, cell, cellphone,
      contact phone, contact number
    `),
    city: phrases('ville, town, commune, localite'),
    postal_code: phrases('code postal, cp, zip, zip code, postcode, post code'),
    gender: phrases('sexe, genre, sex'),
    marketing_consent: phrases(`
      consentement marketing, consent, consentement, optin, opt in, optin marketing, marketing opt in,
      accepts marketing, accepte marketing, newsletter, optin newsletter, accepte newsletter, email optin
    `),
    created_at: phrases(`
      date creation, created, created on, cree, date inscription, inscription, inscrit, registration date,
      registered at, signup date, sign up date, signed up at, joined at, member since, date
    `),
  },
  transactions: {
    transaction_id: phrases(`
      id, identifiant, identifier, code, ref, reference, numero, number, num, no, n, uid, uuid, key, cle
    `),
    customer_id: phrases(`
      client id, client, customer, identifiant client, code client, customer code, ref client,
      reference client, numero client, customer number, no client, user id, user, utilisateur id, utilisateur,
      acheteur id, acheteur, buyer id, buyer, account id, compte id, member id, membre id
    `),
    product: phrases(`
      produit, article, item, product name, nom produit, libelle produit, item name, nom article, designation,
      libelle, product title
    `),
    amount: phrases('montant, price, prix, sous total, subtotal, montant ht, montant ttc, valeur, value'),
    quantity: phrases('quantite, qty, qte, nombre, units, nb articles, nombre articles, item count'),
    payment_method: phrases(`
      moyen paiement, mode paiement, methode paiement, type paiement, payment type, payment mode,
      moyen reglement, mode reglement, paiement, payment, reglement
    `),
    discount_applied: phrases(`
      discount, remise, reduction, rabais, discount amount, montant remise, montant reduction,
      remise appliquee, reduction appliquee, discount value
    `),
    shipping_cost: phrases(`
      frais livraison, frais port, frais expedition, frais envoi, cout livraison, shipping, shipping fee,
      shipping fees, shipping price, shipping amount, shipping charge, delivery cost, delivery fee, delivery,
      livraison, port
    `),
    timestamp: phrases(`
      date, datetime, date time, date heure, horodatage, time, purchased at, ordered at, placed at, sold at,
      paid at, purchased on, ordered on, ts, created at, created, created on, date creation, cree
    `),
    status: phrases('statut, state, etat'),
  },
  campaigns: {
    campaign_id: phrases(`
      id, identifiant, identifier, code, ref, reference, numero, number, num, no, n, uid, uuid, key, cle
    `),
    campaign_name: phrases('nom, name, title, titre, intitule, libelle, label'),
    campaign_type: phrases('type, channel, canal, kind, media'),
    status: phrases('statut, state, etat'),
    target_audience: phrases(`
      cible, audience, public cible, audience cible, target, target group, target segment, segment, public
    `),
    budget: phrases('budget prevu, planned budget, budget total, budget alloue, budget planifie'),
    spend: phrases(`
      depense, depenses, spent, cost, costs, cout, couts, amount spent, montant depense, total spend,
      total spent, budget spent, budget depense, budget consomme, expenses
    `),
    impressions: phrases('impression, vues, views, affichages, nb impressions, nombre impressions, imps'),
    clicks: phrases('clics, click, clic, nb clics, nombre clics, nb clicks'),
    conversions: phrases('conversion, nb conversions, nombre conversions, conv'),
    start_date: phrases(`
      date debut, start, debut, started at, starts at, starts on, started on, launch date, date lancement,
      launched at, lancement, begin date, begin, date
    `),
  },
}

/** Names that may mean a field, or something near it, and why that is not sure. */
export const doubtful: Readonly<
  Record<string, Readonly<Record<string, readonly { phrases: readonly string[]; why: string }[]>>>
> = {
  customers: {
    last_name: [
      {
        phrases: phrases('name, full name, nom complet, display name, nom prenom'),
        why: 'it may be the whole name; full_name would be right',
      },
    ],
    gender: [{ phrases: phrases('civilite, title, titre, salutation'), why: 'it may be a form of address' }],
  },
  transactions: {
    amount: [
      {
        phrases: phrases(
          'total, total amount, montant total, amount total, grand total, prix total, total price, total ttc',
        ),
        why: 'it may hold discount and shipping already, which are taken off and added once more',
      },
      {
        phrases: phrases(
          'unit price, prix unitaire, price each, item price, prix article, unit cost, pu, pu ht, pu ttc',
        ),
        why: 'it may be the price of one: amount is the price of them all, which times multiplies',
      },
    ],
  },
  campaigns: {},
}

/** What collections are called elsewhere, in the singular. */
export const things: Readonly<Record<string, string>> = {
  customers: 'customer client user utilisateur acheteur buyer member membre account compte contact shopper',
  transactions: 'transaction order commande sale vente purchase achat payment paiement invoice facture',
  campaigns: 'campaign campagne ad publicite promotion',
}

/** What the fields of a collection may carry of its name: `order_date`, `date_commande`. */
export const ownWords: Readonly<Record<string, string>> = {
  customers: 'customer client user utilisateur acheteur buyer member membre',
  transactions: 'transaction order commande sale vente purchase achat',
  campaigns: 'campaign campagne',
}

function phrases(list: string): readonly string[] {
  return list.trim().split(/,\s+/)
}
