// A Vite plugin: puts the shared head, top and end into every page where a comment asks for it.
//   <!-- head: title | description -->   <!-- top: [dev] [current path] -->   <!-- end -->
import { problems } from './problems.mjs';

const head = (title, description) => `<meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${title}</title>
    <meta name="description" content="${description}" />
    <link rel="icon" href="/favicon.svg" type="image/svg+xml" />`;

const link = (href, text, current) =>
  `<a href="${href}"${href === current ? ' aria-current="page"' : ''}>${text}</a>`;

const top = (development, current) => `<header class="top">
      <a class="brand" href="/"><img src="/favicon.svg" alt="" width="42" height="28" />Ringback</a>
      ${
        development
          ? `<nav aria-label="Main">
        ${link('/', 'Try it', current)} ${link('/simulator/', 'Simulator', current)} ${link('/docs/api', 'API', current)}
      </nav>`
          : ''
      }
    </header>`;

const end = `<footer class="end">
      <nav aria-label="About">
        <a href="/privacy">Privacy</a> <a href="/terms">Terms</a> <a href="/docs/api">API</a>
      </nav>
    </footer>`;

const problemRows = problems
  .map(
    ([code, status, title]) =>
      `<tr><td><a href="/docs/problems/${code}"><code>${code}</code></a></td><td>${status}</td><td>${title}</td></tr>`,
  )
  .join('\n            ');

export const pageShell = (styles) => ({
  name: 'page-shell',
  transformIndexHtml: {
    order: 'pre',
    handler: (html) =>
      html
        .replace(/<!-- head: (.*?) \| (.*?) -->/, (_, title, description) =>
          `${head(title, description)}\n    <link rel="stylesheet" href="${styles}" />`)
        .replace(/<!-- top:( dev)?\s*(\S*) -->/, (_, development, current) => top(development, current))
        .replace('<!-- problem rows -->', problemRows)
        .replace('<!-- end -->', end),
  },
});
