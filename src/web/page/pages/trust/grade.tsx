import { CircleCheck, CircleX, TriangleAlert } from 'lucide'
import { useWords } from '../../language.ts'
import { Icon } from '../../parts/icon.tsx'
import { en, fr } from '../trust_words.ts'

/** How something stands: told by an icon, a word and a colour. */
export type Grade = 'good' | 'warn' | 'bad'

const icons = { good: CircleCheck, warn: TriangleAlert, bad: CircleX } as const

export function GradeMark({ of, word }: { of: Grade; word?: string }) {
  const words = useWords({ en, fr })
  return (
    <span class={`grade ${of}`}>
      <Icon of={icons[of]} size={15} />
      <span>{word ?? words.grades[of]}</span>
    </span>
  )
}
