import { stored } from './stored.ts'

export const themes = ['auto', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

/** Light or dark; as the system has it unless the reader chose. */
export const theme = stored<Theme>('lingot.theme', themes, 'auto')

/** Sets the theme on the page; the style sheet does the rest. */
export function applyTheme(): void {
  const chosen = theme.get()
  if (chosen === 'auto') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = chosen
}

export function chooseTheme(next: Theme): void {
  theme.set(next)
  applyTheme()
}
