// Fails the build when a page's script grows past what a phone on a bad line should have to load.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const limitBytes = 30 * 1024;
const dist = new URL('../dist/', import.meta.url);
const size = (name) => gzipSync(readFileSync(new URL(name, dist))).length;

function scriptsOf(page) {
  const html = readFileSync(new URL(page, dist), 'utf8');
  return [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map((found) => found[1]);
}

const sums = { 'w/ringback.js': size('w/ringback.js') };
for (const page of ['index.html', 'index.production.html', 'simulator/index.html']) {
  sums[page] = scriptsOf(page).reduce((sum, name) => sum + size(name), 0);
}
for (const [name, bytes] of Object.entries(sums)) {
  console.log(`${name.padEnd(24)} ${(bytes / 1024).toFixed(1)} kB of script, gzip`);
  if (bytes > limitBytes) {
    console.error(`${name} is over ${limitBytes / 1024} kB: leave something out or load it later.`);
    process.exitCode = 1;
  }
}
