import { render } from 'preact'
import './style/fonts.css'
import './style/tokens.css'
import './style/layout.css'
import './style/parts.css'
import './style/print.css'
import { App } from './app.tsx'
import { applyTheme } from './theme.ts'
import { takeToken } from './token.ts'

takeToken()
applyTheme()
const root = document.getElementById('page')
if (root !== null) render(<App />, root)
