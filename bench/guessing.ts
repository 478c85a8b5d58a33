/*
 * How long it takes to guess every French mobile number from its hash in silver: `npx jiti bench/guessing.ts`.
 *
 * Measured: guesses a second on one core, each a number in the form that Lingot hashes, its hash, and a look into a
 * table of 300,000 hashes, so that a whole database is attacked at once. Computed: the time for all numbers.
 */
import { randomInt } from 'node:crypto'
import { md5 } from '../src/rules/pseudonym.ts'

/** 06 and 07, each with eight digits more. */
const NUMBERS = 2 * 10 ** 8
const GUESSES = 2_000_000
const ROUNDS = 5

function numberOf(guess: number): string {
  return `+33${600_000_000 + guess}`
}

const stolen = new Set(Array.from({ length: 300_000 }, () => md5(numberOf(randomInt(NUMBERS)))))

/** Guesses some numbers, and gives how many a second. */
function round(first: number): number {
  const start = performance.now()
  let found = 0
  for (let guess = first; guess < first + GUESSES; guess++) if (stolen.has(md5(numberOf(guess)))) found++
  const seconds = (performance.now() - start) / 1000
  console.log(`${GUESSES} guesses in ${seconds.toFixed(2)} s, ${found} people found`)
  return GUESSES / seconds
}

const rates = Array.from({ length: ROUNDS }, (_, i) => round(i * GUESSES)).sort((a, b) => a - b)
const median = rates[Math.floor(ROUNDS / 2)] as number
console.log(`measured: ${Math.round(median)} guesses a second on one core (median of ${ROUNDS} rounds)`)
console.log(`computed: all ${NUMBERS} French mobile numbers in ${Math.round(NUMBERS / median)} s`)
