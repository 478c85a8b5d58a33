import { useEffect, useState } from 'preact/hooks'
import { ErrorBoundary, LocationProvider, lazy, Route, Router, useLocation } from 'preact-iso'
import { pathOf } from './address.ts'
import { base } from './base.ts'
import { ChoicesContext, useReadChoices } from './choices.ts'
import { isReport } from './data.ts'
import { useOpening } from './explain.ts'
import { useDocumentLanguage, useMessages } from './language.ts'
import { Overview } from './pages/overview.tsx'
import { useTitle } from './parts/page_frame.tsx'
import { Sidebar } from './parts/sidebar.tsx'
import { TopBar } from './parts/top_bar.tsx'
import { StatusContext, useLiveStatus } from './status.ts'
import { TrustedContext, useReadTrusted } from './trusted.ts'

const Customers = lazy(() => import('./pages/customers.tsx').then((page) => page.Customers))
const Products = lazy(() => import('./pages/products.tsx').then((page) => page.Products))
const Campaigns = lazy(() => import('./pages/campaigns.tsx').then((page) => page.Campaigns))
const Countries = lazy(() => import('./pages/countries.tsx').then((page) => page.Countries))
const Customer = lazy(() => import('./pages/things.tsx').then((page) => page.Customer))
const Product = lazy(() => import('./pages/things.tsx').then((page) => page.Product))
const Campaign = lazy(() => import('./pages/things.tsx').then((page) => page.Campaign))
const Explore = lazy(() => import('./pages/explore.tsx').then((page) => page.Explore))
const Trust = lazy(() => import('./pages/trust.tsx').then((page) => page.Trust))
const Glossary = lazy(() => import('./pages/glossary.tsx').then((page) => page.Glossary))
const ExplainPanel = lazy(() => import('./parts/explain_panel.tsx').then((part) => part.ExplainPanel))
const Palette = lazy(() => import('./parts/palette.tsx').then((part) => part.Palette))
const Sql = lazy(() => import('./pages/sql.tsx').then((page) => page.Sql))

/** The whole page: what is always there, and the view that the address names. */
export function App() {
  const live = useLiveStatus(isReport)
  useDocumentLanguage()
  return (
    <StatusContext.Provider value={live}>
      <LocationProvider>
        <Views />
      </LocationProvider>
    </StatusContext.Provider>
  )
}

function Views() {
  const messages = useMessages()
  const [isSearching, setIsSearching] = useState(false)
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey) return
      event.preventDefault()
      setIsSearching((before) => !before)
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
  return (
    <ChoicesContext.Provider value={useReadChoices()}>
      <a class="skip" href="#content">
        {messages.skip}
      </a>
      <div class="frame">
        <Sidebar />
        <div class="stage">
          <TopBar onSearch={() => setIsSearching(true)} />
          <main id="content" tabIndex={-1}>
            <TrustedContext.Provider value={useReadTrusted()}>
              <Router>
                <Route path={pathOf('overview')} component={Overview} />
                <Route path={pathOf('customers')} component={Customers} />
                <Route path={pathOf('products')} component={Products} />
                <Route path={pathOf('campaigns')} component={Campaigns} />
                <Route path={pathOf('countries')} component={Countries} />
                <Route path={`${base}/customer`} component={Customer} />
                <Route path={`${base}/product`} component={Product} />
                <Route path={`${base}/campaign`} component={Campaign} />
                <Route path={pathOf('explore')} component={Explore} />
                <Route path={pathOf('trust')} component={Trust} />
                <Route path={pathOf('glossary')} component={Glossary} />
                <Route path={pathOf('sql')} component={Sql} />
                <Route default component={Nowhere} />
              </Router>
            </TrustedContext.Provider>
          </main>
          <Explanations />
          {isSearching && (
            <ErrorBoundary>
              <Palette onClose={() => setIsSearching(false)} />
            </ErrorBoundary>
          )}
        </div>
      </div>
    </ChoicesContext.Provider>
  )
}

/** What explains a number, where the address asks for it. */
function Explanations() {
  const { target } = useOpening()
  return target === undefined ? null : (
    <ErrorBoundary>
      <ExplainPanel />
    </ErrorBoundary>
  )
}

function Nowhere() {
  const messages = useMessages()
  const { path } = useLocation()
  useTitle(messages.nothingThere)
  return (
    <div class="trouble">
      <h1>{messages.nowhere(path)}</h1>
      <a class="button" href={pathOf('overview')}>
        {messages.pages.overview}
      </a>
    </div>
  )
}
