import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'
import vuetify from 'vite-plugin-vuetify'
import { withoutErrorAnswers } from './build/client.mjs'
import { compress } from './build/compress.mjs'
import { fontFolder, subsetFonts } from './build/fonts.mjs'
import { layersFirst } from './build/layers.mjs'

// The policy of the server for the page, so that the preview shows what it forbids.
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
  "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
const api = process.env.WOMBAT_URL ?? `http://127.0.0.1:${process.env.WOMBAT_PORT ?? '8080'}`
const proxy = { '/api': { target: api, ws: true }, '/docs': api, '/openapi': api }

export default defineConfig({
  plugins: [
    withoutErrorAnswers(),
    vue({ features: { optionsAPI: false } }),
    // core.css and layers.css are imported by hand; the other styles come with the components that are used.
    vuetify({ autoImport: true }),
    subsetFonts(),
    layersFirst(),
    compress(),
  ],
  resolve: {
    alias: { '@': fileURLToPath(new URL('./src', import.meta.url)), '@fonts': fontFolder },
  },
  build: {
    target: 'es2022',
    // The strict policy has no font-src data:.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 600,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // What every screen needs compresses better in few files than in many.
        advancedChunks: {
          groups: [
            { name: 'vue', test: /node_modules\/(@vue|vue|vue-router|pinia|@tanstack\/(query-core|vue-query))\// },
            { name: 'core', test: /(node_modules\/vuetify\/lib\/(composables|util|directives)\/|\/src\/(api|core|live|text)\/).*\.(m?js|ts)$/ },
          ],
        },
      },
    },
  },
  worker: { format: 'es' },
  server: { host: '127.0.0.1', proxy },
  preview: { host: '127.0.0.1', proxy, headers: { 'Content-Security-Policy': policy } },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.ts'],
    server: { deps: { inline: ['vuetify'] } },
  },
})
