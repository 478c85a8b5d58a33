/**
 * What fields are called elsewhere, in English, French, German, Spanish, Italian and Dutch: phrases in small letters
 * without accents and without `de`, `du`, `the`, `der` …, the likelier first. Two words count in both orders; the name of
 * a thing itself is left out, so `client_email` and `email_client` of a customer are `email`.
 */
export const synonyms: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  customers: {
    customer_id: phrases(`
      id, identifiant, identifier, code, ref, reference, numero, number, num, no, n, uid, uuid, key, cle,
      kundennummer, kundennr, kundenid, nummer, nr, codigo, clave, codice, klantnummer, klantnr, cust
    `),
    first_name: phrases(`
      prenom, given name, forename, first, fname, vorname, rufname, nombre, nombre pila, primer nombre, nome, voornaam
    `),
    last_name: phrases(`
      nom, surname, family name, nom famille, last, lname, nachname, familienname, zuname, apellido, apellidos,
      primer apellido, cognome, achternaam, familienaam
    `),
    email: phrases(`
      mail, e mail, email address, courriel, adresse mail, adresse e mail, adresse courriel, mel, contact email, contact mail,
      mailadresse, emailadresse, e mailadresse, correo, correo electronico, direccion correo, posta elettronica,
      indirizzo email, indirizzo e mail, indirizzo mail, mailadres, emailadres, e mailadres
    `),
    age: phrases('age annees, age years, alter, lebensalter, edad, eta, leeftijd'),
    country: phrases(`
      pays, country name, nom pays, pays residence, nation, country code, code pays, land, landescode, laendercode,
      landercode, pais, codigo pais, paese, nazione, codice paese, landcode, landnaam
    `),
    phone: phrases(`
      telephone, tel, phone number, telephone number, numero telephone, numero tel, num tel, mobile, portable,
      mobile phone, telephone portable, telephone mobile, tel portable, tel mobile, gsm, cell, cellphone,
      contact phone, contact number, telefon, telefonnummer, rufnummer, telnr, handy, handynummer, mobil, mobiltelefon,
      mobilnummer, telefono, numero telefono, movil, telefono movil, celular, cellulare, telefono cellulare, telefoon,
      telefoonnummer, mobiel, mobielnummer
    `),
    city: phrases(`
      ville, town, commune, localite, ort, stadt, wohnort, ciudad, localidad, poblacion, municipio, citta, comune,
      localita, stad, plaats, woonplaats
    `),
    postal_code: phrases(`
      code postal, cp, zip, zip code, postcode, post code, plz, postleitzahl, codigo postal, cod postal, cap,
      codice postale
    `),
    gender: phrases('sexe, genre, sex, geschlecht, sexo, genero, sesso, genere, geslacht'),
    marketing_consent: phrases(`
      consentement marketing, consent, consentement, optin, opt in, optin marketing, marketing opt in,
      accepts marketing, accepte marketing, newsletter, optin newsletter, accepte newsletter, email optin,
      einwilligung, marketing einwilligung, werbeeinwilligung, werbeerlaubnis, consentimiento, consentimiento marketing,
      acepta marketing, acepta publicidad, consenso, consenso marketing, toestemming, marketing toestemming, nieuwsbrief
    `),
    created_at: phrases(`
      date creation, created, created on, cree, date inscription, inscription, inscrit, registration date,
      registered at, signup date, sign up date, signed up at, joined at, member since, date, erstellt, erstellt am,
      angelegt, angelegt am, registriert, registriert am, anmeldedatum, erstelldatum, registrierungsdatum, seit, datum,
      fecha alta, fecha registro, fecha creacion, alta, creado, creado en, fecha, data registrazione, data creazione,
      data iscrizione, creato, data, aangemaakt, aangemaakt op, registratiedatum, aanmaakdatum, sinds
    `),
  },
  transactions: {
    transaction_id: phrases(`
      line id, order line id, order item id, id, identifiant, identifier, code, ref, reference, numero, number, num, no, n,
      uid, uuid, key, cle, invoice id, invoice no, invoice number, receipt id, receipt no, receipt number, basket id,
      basket number, cart id, ticket id, ticket number, facture id, numero facture, panier id, numero ticket, nummer, nr,
      bestellnummer, bestellnr, auftragsnummer, auftragsnr, rechnungsnummer, rechnungsnr, belegnummer, belegnr, codigo,
      factura id, ticket codigo, codice, fattura id, numero scontrino, bestelnummer, ordernummer, factuurnummer, bonnummer
    `),
    customer_id: phrases(`
      client id, client, customer, identifiant client, code client, customer code, ref client,
      reference client, numero client, customer number, no client, user id, user, utilisateur id, utilisateur,
      acheteur id, acheteur, buyer id, buyer, account id, compte id, member id, membre id, cust id, cust, household id,
      household, kundennummer, kundennr, kundenid, kunde, kunde id, kunden nr, kaeufer, kaufer, cliente id, cliente,
      codigo cliente, numero cliente, usuario id, usuario, comprador, codice cliente, utente id, utente, acquirente,
      klant id, klant, klantnummer, klantnr, klant nr, gebruiker id, gebruiker, koper
    `),
    product: phrases(`
      produit, article, item, product name, nom produit, libelle produit, item name, nom article, designation,
      libelle, product title, item title, artikel, produkt, artikelname, produktname, artikelbezeichnung, bezeichnung,
      producto, articulo, nombre producto, nombre articulo, prodotto, articolo, nome prodotto, nome articolo, artikelnaam,
      productnaam, product description, description, beschreibung, descripcion, descrizione, omschrijving, product id,
      product code, product number, item id, item code, item number, article id, article code, code produit,
      reference produit, reference article, artikelnummer, artikelnr, codigo producto, codice prodotto, stock code, sku, ean
    `),
    amount: phrases(`
      montant, line total, line amount, total ligne, montant ligne, sous total, subtotal, montant ht, montant ttc,
      net amount, gross amount, sales value, sales amount, extended price, zeilenbetrag, positionsbetrag, betrag,
      nettobetrag, bruttobetrag, importe, importe linea, importo, importo riga, bedrag, regelbedrag, nettobedrag,
      brutobedrag, price, prix, preis, verkaufspreis, precio, precio venta, prezzo, prezzo vendita, prijs, verkoopprijs,
      umsatz, monto, omzet, revenue, turnover, dollars, euros, valeur, value, wert, valor, valore, waarde
    `),
    quantity: phrases(`
      quantite, qty, qte, nombre, units, nb articles, nombre articles, item count, units sold, qty ordered,
      quantity ordered, pieces, menge, anzahl, stuck, stueck, stuckzahl, stueckzahl, cantidad, unidades, uds, quantita, qta,
      pezzi, aantal, hoeveelheid, stuks
    `),
    payment_method: phrases(`
      moyen paiement, mode paiement, methode paiement, type paiement, payment type, payment mode,
      moyen reglement, mode reglement, paiement, payment, reglement, zahlungsart, zahlart, zahlungsmethode, zahlungsweise,
      bezahlmethode, bezahlart, metodo pago, forma pago, medio pago, tipo pago, pago, metodo pagamento,
      modalita pagamento, tipo pagamento, pagamento, betaalmethode, betaalwijze, betalingswijze, betaling
    `),
    discount_applied: phrases(`
      discount, remise, reduction, rabais, discount amount, montant remise, montant reduction,
      remise appliquee, reduction appliquee, discount value, rabatt, rabattbetrag, nachlass, descuento, importe descuento,
      descuento aplicado, sconto, importo sconto, sconto applicato, korting, kortingsbedrag
    `),
    shipping_cost: phrases(`
      frais livraison, frais port, frais expedition, frais envoi, cout livraison, shipping, shipping fee,
      shipping fees, shipping price, shipping amount, shipping charge, delivery cost, delivery fee, delivery,
      livraison, port, versandkosten, lieferkosten, porto, versand, gastos envio, coste envio, costo envio, envio, portes,
      spese spedizione, costo spedizione, spese consegna, spedizione, verzendkosten, bezorgkosten, leveringskosten,
      verzending
    `),
    timestamp: phrases(`
      date, datetime, date time, date heure, horodatage, time, purchased at, ordered at, placed at, sold at,
      paid at, purchased on, ordered on, ts, created at, created, created on, date creation, cree, invoice date,
      date facture, bestelldatum, kaufdatum, verkaufsdatum, auftragsdatum, rechnungsdatum, bestellt am, zeitpunkt,
      zeitstempel, datum, fecha, fecha hora, fecha factura, creado, creado en, data, data ora, data fattura, besteldatum,
      orderdatum, aankoopdatum, verkoopdatum, factuurdatum, besteld op, tijdstip
    `),
    status: phrases(`
      statut, state, etat, zustand, bestellstatus, auftragsstatus, estado, situacion, stato, bestelstatus, orderstatus
    `),
  },
  campaigns: {
    campaign_id: phrases(`
      id, identifiant, identifier, code, ref, reference, numero, number, num, no, n, uid, uuid, key, cle,
      kampagnennummer, kampagnenid, nummer, nr, codigo, codice, campagnenummer
    `),
    campaign_name: phrases(`
      nom, name, title, titre, intitule, libelle, label, kampagnenname, titel, bezeichnung, nombre, titulo, nome, titolo,
      naam, campagnenaam
    `),
    campaign_type: phrases('type, channel, canal, kind, media, typ, kanal, kampagnentyp, tipo, canale, soort, kanaal'),
    status: phrases('statut, state, etat, zustand, estado, stato'),
    target_audience: phrases(`
      cible, audience, public cible, audience cible, target, target group, target segment, segment, public, zielgruppe,
      publico objetivo, publico, pubblico, destinatari, doelgroep
    `),
    budget: phrases(`
      budget prevu, planned budget, budget total, budget alloue, budget planifie, presupuesto, budget previsto, begroting
    `),
    spend: phrases(`
      depense, depenses, spent, cost, costs, cout, couts, amount spent, montant depense, total spend,
      total spent, budget spent, budget depense, budget consomme, expenses, ausgaben, ausgegeben, kosten, gasto, gastos,
      coste, costo, costes, spesa, spese, costi, uitgaven, besteed
    `),
    impressions: phrases(`
      impression, vues, views, affichages, nb impressions, nombre impressions, imps, impressionen, einblendungen,
      impresiones, visualizaciones, impressioni, visualizzazioni, vertoningen, weergaven
    `),
    clicks: phrases('clics, click, clic, nb clics, nombre clics, nb clicks, klicks, klick, klikken, kliks'),
    conversions: phrases(`
      conversion, nb conversions, nombre conversions, conv, konversionen, conversiones, conversioni, conversies
    `),
    start_date: phrases(`
      date debut, start, debut, started at, starts at, starts on, started on, launch date, date lancement,
      launched at, lancement, begin date, begin, date, startdatum, beginn, anfang, fecha inicio, inicio, fecha, data inizio,
      inizio, data, begindatum, datum
    `),
  },
}

/** What the price of one piece is called. */
export const unitPrices: readonly string[] = phrases(`
  unit price, prix unitaire, price each, item price, prix article, unit cost, price per unit, pu, pu ht, pu ttc, einzelpreis,
  stuckpreis, stueckpreis, precio unitario, precio unidad, prezzo unitario, prezzo unita, stukprijs, eenheidsprijs
`)

/** Names that may mean a field, or something near it, and why that is not sure. */
export const doubtful: Readonly<
  Record<string, Readonly<Record<string, readonly { phrases: readonly string[]; why: string }[]>>>
> = {
  customers: {
    last_name: [
      {
        phrases: phrases(`
          name, full name, nom complet, display name, nom prenom, vollstandiger name, nombre completo, nombre apellidos,
          nome completo, nome cognome, naam, volledige naam
        `),
        why: 'it may be the whole name: gold then has it right, as full_name, where first_name is null',
      },
    ],
    gender: [
      {
        phrases: phrases('civilite, title, titre, salutation, anrede, tratamiento, titolo, aanhef'),
        why: 'it may be a form of address',
      },
    ],
  },
  transactions: {
    amount: [
      {
        phrases: phrases(`
          total, total amount, montant total, amount total, grand total, prix total, total price, total ttc, order total,
          total commande, gesamt, gesamtbetrag, gesamtsumme, gesamtpreis, summe, bestellsumme, importe total, precio total,
          totale, importo totale, prezzo totale, totaal, totaalbedrag
        `),
        why: 'it may hold discount and shipping already, which are taken off and added once more',
      },
      {
        phrases: unitPrices,
        why: 'it may be the price of one: amount is the price of them all, which times multiplies',
      },
      { phrases: phrases('sales, ventes, ventas, vendite, verkaufe, verkaeufe'), why: 'it may be how many were sold' },
    ],
  },
  campaigns: {},
}

/** What collections are called elsewhere, in the singular. */
export const things: Readonly<Record<string, string>> = {
  customers: `customer client user utilisateur acheteur buyer member membre account compte contact shopper household
    demographic kunde kunden nutzer benutzer kaeufer kaufer konto konten cliente clienti usuario comprador utente utenti
    acquirente klant klanten gebruiker koper`,
  transactions: `transaction order commande sale vente purchase achat payment paiement invoice facture bestellung
    bestellungen auftrag auftrage auftraege verkauf verkaufe verkaeufe kauf einkauf rechnung rechnungen umsatze umsaetze
    pedido venta compra factura transaccion transaccione ordine ordini vendita vendite acquisto acquisti fattura fatture
    transazione transazioni bestelling bestellingen verkoop verkopen aankoop aankopen factuur facturen transactie`,
  campaigns: 'campaign campagne ad publicite promotion kampagne kampagnen anzeige anzeigen campana campagna',
}

/** What the fields of a collection may carry of its name: `order_date`, `date_commande`. */
export const ownWords: Readonly<Record<string, string>> = {
  customers: `customer client user utilisateur acheteur buyer member membre cust household kunde kunden nutzer benutzer
    kaeufer kaufer cliente usuario comprador utente acquirente klant gebruiker koper`,
  transactions: `transaction order commande sale vente purchase achat bestellung auftrag verkauf kauf pedido venta compra
    ordine vendita acquisto bestelling verkoop aankoop`,
  campaigns: 'campaign campagne kampagne kampagnen campana campagna',
}

/** What an order is called, to which several sales may belong, in the names of its ids. */
export const orders = `order commande panier facture basket invoice receipt ticket cart bestellung bestellnummer bestellnr
  auftrag auftragsnummer auftragsnr rechnung rechnungsnummer rechnungsnr beleg belegnummer belegnr warenkorb pedido factura
  cesta carrito recibo ordine fattura carrello scontrino bestelling bestelnummer ordernummer factuur factuurnummer bonnummer`

/** What stands in names of amounts and tells their unit. */
export const units = { cents: 'cents cent centimes centimos centavos centesimi', micros: 'micros' }

/** What a field may stand in without meaning something else for that: `address.city`, `profile.contact.email`. */
export const holders: Readonly<Record<string, string>> = {
  customers: `address addresse adress adresse adres adressen anschrift direccion direccione indirizzo indirizzi name email
    mail phone telephone telefon contact kontakt contacto contatto profile profil perfil profilo person personal persona persoon identity identite account
    billing facturation home location date consent consentement detail info information data attribute field property`,
  transactions: 'date total totals amount price detail info information data attribute field property',
  campaigns: 'date stat stats statistic metric metrics performance result detail info data attribute field property',
}

function phrases(list: string): readonly string[] {
  return list.trim().split(/,\s+/)
}
