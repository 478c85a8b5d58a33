import { isCountry } from '../rules/countries.ts'
import {
  code,
  consent,
  contract,
  count,
  date,
  email,
  id,
  label,
  nation,
  personalName,
  phone,
  UNKNOWN,
} from './contract.ts'

// Other countries are known as well.
const COUNTRIES = ['France', 'Belgique', 'Suisse', 'Canada', 'Luxembourg']

const fields = {
  customer_id: id('The customer. A document without one is quarantined.'),
  first_name: personalName('First name.'),
  last_name: personalName('Last name.'),
  email: email('The address, bare and in lower case, as its hash: equal people have equal ones.'),
  age: count('Age in years.', { least: 0, most: 120, otherwise: null }),
  country: nation(
    'Country of residence, as the French call it, wherever it is named in French, in English or by its ISO code.',
    COUNTRIES,
  ),
  phone: phone(
    'The number in E.164, as its hash; its country gives the region, the setting phoneRegion where unknown.',
  ),
  city: label('City of residence.'),
  postal_code: code('Postal code.'),
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
  suspicions: {
    'country is none that is known': ({ country }, { country: { vocabulary } }) =>
      country !== UNKNOWN && !vocabulary?.includes(country) && !isCountry(country),
  },
})
