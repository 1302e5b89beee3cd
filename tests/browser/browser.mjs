// One browser for a test file, pages that must stay free of console errors, pictures and axe.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const results = fileURLToPath(new URL('./results/', import.meta.url));
mkdirSync(results, { recursive: true });
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** How long a condition may take before a test calls it broken; generous, never waited out. */
export const patienceMs = 60_000;

export function launch() {
  return chromium.launch({
    executablePath: process.env.RINGBACK_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}

/** A page of its own context. `page.complaints` gathers what the console and the scripts complained of. */
export async function openPage(browser, url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-US',
    timezoneId: 'America/New_York', permissions: ['clipboard-read', 'clipboard-write'], ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(patienceMs);
  page.complaints = [];
  page.on('console', (line) => {
    if (line.type() === 'error' || line.type() === 'warning') page.complaints.push(line.text());
  });
  page.on('pageerror', (error) => page.complaints.push(String(error)));
  await page.goto(url);
  return page;
}

/** Closes the page's context; what it complained of fails the test unless it was meant. */
export async function closePage(page, { expected = /^$/ } = {}) {
  await page.context().close();
  assert.deepEqual(page.complaints.filter((line) => !expected.test(line)), []);
}

/** Waits for what slides in to arrive; what pulses for ever is not waited for. */
async function settled(page) {
  await page.evaluate(() => {
    const roots = [document];
    for (const root of roots) {
      for (const element of root.querySelectorAll('*')) if (element.shadowRoot !== null) roots.push(element.shadowRoot);
    }
    const finite = roots.flatMap((root) => root.getAnimations())
      .filter((one) => one.effect.getComputedTiming().endTime !== Infinity);
    return Promise.all(finite.map((one) => one.finished.catch(() => undefined)));
  });
}

export async function picture(page, name) {
  await settled(page);
  await page.screenshot({ path: `${results}${name}.png`, fullPage: true });
}

/** The page as it stands, at the three widths: accessible, nothing sticks out sideways, pictured. */
export async function atEveryWidth(page, name) {
  for (const width of [360, 768, 1280]) {
    await page.setViewportSize({ width, height: 900 });
    await assertAccessible(page, `${name}, ${width}`);
    await picture(page, `${name}-${width}`);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overflow <= 0, `${name}, ${width}: nothing sticks out sideways`);
  }
}

export async function assertAccessible(page, what) {
  await settled(page);
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  assert.deepEqual(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target.join(' ')} ${node.failureSummary}`).join(' | ')}`),
    [], what);
}
