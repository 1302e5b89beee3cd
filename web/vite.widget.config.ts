// Builds the embeddable form to dist/w/ringback.js: one file that works as a classic script and as
// a module, for pages that are not ours.
import { resolve } from 'node:path';
import { defineConfig } from 'vite';

export default defineConfig({
  publicDir: false,
  build: {
    outDir: resolve(import.meta.dirname, 'dist'),
    emptyOutDir: false,
    target: 'es2022',
    // Browsers with light-dark(): an older target would replace it by something that ignores the host page.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    rollupOptions: {
      input: resolve(import.meta.dirname, 'widget/ring_back.ts'),
      output: { format: 'iife', name: 'ringback', entryFileNames: 'w/ringback.js' },
    },
  },
});
