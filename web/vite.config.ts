import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { dist } from './scripts/dist.ts';

/** Where a server listens while the dashboard is developed. */
const SERVER = process.env.POE_SERVER ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [svelte(), dist()],
  // The dashboard also works behind a proxy that serves it from a folder.
  base: './',
  build: {
    target: 'es2022',
    // `dist` empties it, but for what git keeps.
    emptyOutDir: false,
    // What others ask for the use of their work: to be named, with their licence.
    license: { fileName: 'licences.txt' },
    // A picture or a font within a style sheet would be a `data:` address, which the content policy forbids.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  worker: { format: 'es' },
  // The server compares where a page comes from with where it was asked.
  server: { proxy: { '/api': { target: SERVER, changeOrigin: false } } },
  test: { environment: 'happy-dom', include: ['src/**/*.test.ts'] },
});
