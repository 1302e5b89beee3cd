// Writes one HTML page for each problem code, for Vite to build like the hand-written ones.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { problems } from './problems.mjs';

const folder = new URL('../pages/docs/problems/', import.meta.url);
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const [code, status, title, happened, steps] of problems) {
  writeFileSync(
    new URL(`${code}.html`, folder),
    `<!doctype html>
<html lang="en">
  <head>
    <!-- head: ${title} · Ringback | Problem ${code}: what happened and what to do. -->
  </head>
  <body>
    <!-- top: -->
    <main class="text">
      <p class="status">${status} <code>${code}</code></p>
      <h1>${title}</h1>
      <h2>What happened</h2>
      <p>${happened}</p>
      <h2>What to do</h2>
      <ul>
${steps.map((step) => `        <li>${step}</li>`).join('\n')}
      </ul>
      <p><a href="/docs/api#errors">All problems</a></p>
    </main>
    <!-- end -->
  </body>
</html>
`,
  );
}
