import { render } from 'preact'
import { useEffect } from 'preact/hooks'
import { LocationProvider } from 'preact-iso'
import type { Answers, PageName } from '../api.ts'
import { ChoicesContext, useReadChoices } from './choices.ts'
import { useResource } from './data.ts'
import { useFormat } from './format.ts'
import { useDocumentLanguage, useMessages } from './language.ts'
import { Campaigns } from './pages/campaigns.tsx'
import { Countries } from './pages/countries.tsx'
import { Customers } from './pages/customers.tsx'
import { Overview } from './pages/overview.tsx'
import { Products } from './pages/products.tsx'
import { Trust } from './pages/trust.tsx'
import { Sidebar } from './parts/sidebar.tsx'
import './style/fonts.css'
import './style/tokens.css'
import './style/layout.css'
import './style/parts.css'
import './style/report.css'
import './style/print.css'
import { applyTheme } from './theme.ts'
import { TrustedContext, useReadTrusted } from './trusted.ts'

const sections = [
  ['overview', Overview],
  ['customers', Customers],
  ['products', Products],
  ['campaigns', Campaigns],
  ['countries', Countries],
  ['trust', Trust],
] as const satisfies readonly (readonly [PageName, unknown])[]

/** All pages beneath each other, with what the file carries. */
function Report() {
  const messages = useMessages()
  const format = useFormat()
  const { data } = useResource<Answers>('/api/answers')
  const choices = useReadChoices()
  const shown = sections.filter(([page]) => !choices?.empty.includes(page))
  useDocumentLanguage()
  useEffect(() => {
    if (data !== undefined) document.title = messages.reportOf(format.time(data.gold.started))
  }, [data, messages, format])
  return (
    <LocationProvider>
      <ChoicesContext.Provider value={choices}>
        <div class="frame">
          <Sidebar />
          <div class="stage">
            <header class="top-bar">
              <p>{data && messages.reportOf(format.time(data.gold.started))}</p>
            </header>
            <main>
              <TrustedContext.Provider value={useReadTrusted()}>
                {shown.map(([page, Section]) => (
                  <section key={page} id={page} class="report-section">
                    <Section />
                  </section>
                ))}
              </TrustedContext.Provider>
            </main>
          </div>
        </div>
      </ChoicesContext.Provider>
    </LocationProvider>
  )
}

applyTheme()
const root = document.getElementById('page')
if (root !== null) render(<Report />, root)
