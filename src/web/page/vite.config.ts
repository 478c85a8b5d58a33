import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

/** The page of the dashboard: from here to `dist/web`. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/',
  // Scripts and styles find each other wherever they are; the page itself is told when it is sent.
  experimental: { renderBuiltUrl: (_, { hostType }) => (hostType === 'html' ? undefined : { relative: true }) },
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false }, emptyOutDir: true },
  // `npx vite src/web/page` beside `lingot serve`, for work on the page.
  server: { proxy: { '/api': 'http://127.0.0.1:7007' } },
})
