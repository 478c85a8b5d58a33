import { useState } from 'preact/hooks'

/** Two days to choose, from and to, by typing or by the browser's calendar. */
export function DayRange({
  from,
  to,
  labels,
  within,
  onChoose,
}: {
  from: string
  to: string
  labels: readonly [from: string, to: string]
  /** The first and the last day that there is anything of. */
  within: readonly [first: string, last: string] | undefined
  onChoose: (from: string, to: string) => void
}) {
  const choose = (first: string, last: string) => {
    // While a year is typed its first digits are a year as well.
    if (first >= '1970' && last < '3000' && first <= last) onChoose(first, last)
  }
  return (
    <>
      <Day label={labels[0]} value={from} min={within?.[0]} max={to} onChoose={(day) => choose(day, to)} />
      <Day label={labels[1]} value={to} min={from} max={within?.[1]} onChoose={(day) => choose(from, day)} />
    </>
  )
}

function Day({
  label,
  value,
  min,
  max,
  onChoose,
}: {
  label: string
  value: string
  min: string | undefined
  max: string | undefined
  onChoose: (day: string) => void
}) {
  /** What is being typed, which nothing that arrives meanwhile may change. */
  const [typed, setTyped] = useState<string>()
  return (
    <label>
      <span>{label}</span>
      <input
        type="date"
        value={typed ?? value}
        min={min}
        max={max}
        onChange={({ currentTarget: { value } }) => {
          setTyped(value)
          if (value !== '') onChoose(value)
        }}
        onBlur={() => setTyped(undefined)}
      />
    </label>
  )
}
