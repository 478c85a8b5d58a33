import { consent, contract, count, date, email, id, label, personalLabel, phone } from './contract.ts'

const fields = {
  customer_id: id('The customer. A document without one is quarantined.'),
  first_name: personalLabel('First name.'),
  last_name: personalLabel('Last name.'),
  email: email('The address in lower case, as its hash: equal people have equal ones.'),
  age: count('Age in years.', { least: 0, most: 120, otherwise: null }),
  country: label('Country of residence, as the French call it.', [
    'France',
    'Belgique',
    'Suisse',
    'Canada',
    'Luxembourg',
  ]),
  phone: phone(
    'The number in E.164, as its hash; its country gives the region, the setting phoneRegion where unknown.',
  ),
  city: label('City of residence.'),
  postal_code: label('Postal code.'),
  gender: label('Gender.', ['M', 'F']),
  marketing_consent: consent('True only where the customer clearly agreed to marketing.'),
  created_at: date('When the account was opened.'),
}

/** What a customer is in silver: one per `customer_id`, the last inserted. */
export const customers = contract({
  collection: 'customers',
  key: 'customer_id',
  keyRequired: true,
  identity: 'last one wins',
  fields,
  derived: {
    full_name: {
      type: 'text',
      nullable: false,
      personal: true,
      meaning: 'The known ones of first and last name, joined by a space.',
      reads: ['first_name', 'last_name'],
      from: ({ first_name, last_name }, missing) => {
        if (first_name === missing.first_name.default) return last_name
        return last_name === missing.last_name.default ? first_name : `${first_name} ${last_name}`
      },
    },
  },
  suspicions: {},
})
