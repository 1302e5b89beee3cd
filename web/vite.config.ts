// Builds every page under pages/ to dist/, with hashed scripts and styles in dist/assets/.
import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineConfig } from 'vite';
// @ts-expect-error plain JavaScript, shared with the page maker
import { pageShell } from './tools/page_shell.mjs';

const pages = resolve(import.meta.dirname, 'pages');
const inputs = readdirSync(pages, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.html'))
  .map((name) => resolve(pages, name));

export default defineConfig({
  root: pages,
  publicDir: resolve(pages, 'public'),
  plugins: [pageShell('/page.css')],
  build: {
    outDir: resolve(import.meta.dirname, 'dist'),
    emptyOutDir: true,
    target: 'es2022',
    // Browsers with light-dark(): an older target would replace it by something that ignores the host page.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rollupOptions: { input: inputs },
  },
});
