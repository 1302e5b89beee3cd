// The documentation against what it speaks of: links, commands, keys, metrics.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path) => readFileSync(join(root, path), 'utf8');
const all = (text, pattern) => [...text.matchAll(pattern)].map((match) => match[1]);
const sorted = (items) => [...new Set(items)].sort();

const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md',
  ...readdirSync(join(root, 'docs'), { recursive: true }).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)];
const withoutCode = (text) => text.replace(/^( {4}|\t).*$/gm, '').replace(/```[\s\S]*?```/g, '').replace(/`[^`\n]*`/g, '');

/** As GitHub makes them from headings. */
const anchors = (text) => new Set(all(text, /^#+ (.*)$/gm)
  .map((heading) => heading.toLowerCase().replace(/[^\p{L}\p{N}\- ]/gu, '').replaceAll(' ', '-')));

test('every link leads somewhere', () => {
  const broken = [];
  for (const page of pages) {
    const text = withoutCode(read(page));
    for (const link of [...all(text, /\]\(([^)\s]+)\)/g), ...all(text, /\bsrc(?:set)?="([^"]+)"/g)]) {
      if (/^[a-z]+:/.test(link)) continue;
      const [path, anchor] = link.split('#');
      const target = path === '' ? page : join(dirname(page), path);
      if (!existsSync(join(root, target))) broken.push(`${page}: ${link}`);
      else if (anchor !== undefined && !anchors(read(target)).has(anchor)) broken.push(`${page}: ${link} (no such heading)`);
    }
  }
  assert.deepEqual(broken, []);
});

test('every page is on the map', () => {
  const map = read('docs/README.md') + read('README.md');
  const lost = pages.filter((page) => page.startsWith('docs/') && page !== 'docs/README.md')
    .filter((page) => !map.includes(`(${page.slice('docs/'.length)})`) && !map.includes(`(${page})`));
  assert.deepEqual(lost, []);
});

test('every file that a page names in code exists', () => {
  const missing = [];
  for (const page of pages) {
    for (const path of all(read(page), /`((?:core|adapters|app|tests|web|config|docs)\/[\w/.-]+\.\w+)`/g)) {
      if (!existsSync(join(root, path))) missing.push(`${page}: ${path}`);
    }
  }
  assert.deepEqual(missing, []);
});

test('every ./dev command that a page names is there', () => {
  const known = sorted(all(read('dev'), /^(\w+)\) /gm));
  assert.ok(known.includes('run') && known.includes('test'), 'dev is still read in the right way');
  for (const page of pages) {
    for (const command of all(read(page), /\.\/dev (\w+)/g)) assert.ok(known.includes(command), `${page}: ./dev ${command}`);
  }
});

test('every command of the program that a page names is there', () => {
  const known = all(read('app/main.cpp'), /add_subcommand\("(\w+)"/g);
  // What is to come may be named in one place only.
  const toCome = /not yet|^\| health, metrics/;
  for (const page of pages) {
    for (const line of read(page).split('\n').filter((text) => !toCome.test(text))) {
      for (const command of all(line, /\bringback (serve|check|config|migrate|backup|restore|verify|user|key|erase|export|simulator|top|bench)\b/g)) {
        assert.ok(known.includes(command), `${page}: ringback ${command}`);
      }
    }
  }
});

/** The keys of a TOML file, with those that are commented out. */
function keysOf(toml) {
  const keys = [];
  let table = '';
  for (const line of toml.split('\n')) {
    const head = /^(?:# )?\[([a-z0-9_.]+)\]$/.exec(line);
    if (head !== null) table = `${head[1]}.`;
    const key = /^(?:# )?([a-z0-9_]+) = /.exec(line);
    if (key !== null) keys.push(table + key[1]);
  }
  return sorted(keys);
}

/** What stands in the first cell of a page's tables, as code. */
const firstCells = (page) => sorted(all(read(page), /^\| ([^|]*) \|/gm)
  .flatMap((cell) => all(cell, /`([^`]+)`/g)));

test('every key of the configuration is on its page, and every key on the page is one', () => {
  assert.deepEqual(firstCells('docs/configuration.md'), keysOf(read('config/ringback.toml')));
});

test('every metric is on its page, and every metric on the page is one', () => {
  const inSource = all(read('app/observe/metrics.cpp'), /"((?:ringback|process)_[a-z_]+)"/g);
  const onPage = firstCells('docs/operations.md').filter((name) => /^(ringback|process)_/.test(name));
  assert.deepEqual(onPage, sorted(inSource));
});

test('every code of a problem is on the page of the API', () => {
  const codes = all(read('app/http/problem.cpp'), /\{ProblemCode::\w+,\s*\d+,\s*"(\w+)"/g);
  const text = read('docs/http-api.md');
  assert.deepEqual(codes.filter((code) => !text.includes(`\`${code}\``)), []);
});
