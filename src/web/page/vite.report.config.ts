import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

/** The page of a report file: from here to `dist/report`, as one script and one style sheet with the fonts in them. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  build: {
    target: 'es2022',
    assetsInlineLimit: 1_000_000,
    cssCodeSplit: false,
    emptyOutDir: true,
    lib: { entry: 'report.tsx', formats: ['es'], fileName: () => 'report.js', cssFileName: 'report' },
    rolldownOptions: { output: { codeSplitting: false, minify: true } },
  },
  define: { 'process.env.NODE_ENV': '"production"' },
})
