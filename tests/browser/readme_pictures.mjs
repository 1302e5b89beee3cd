// Takes the pictures of the README from the program itself, in the middle of a call:
//   RINGBACK_PROGRAM=build/dev/bin/ringback node tests/browser/readme_pictures.mjs
import { fileURLToPath } from 'node:url';
import { launch, openPage } from './browser.mjs';
import { startReal } from './real_server.mjs';
import { heading } from './visitor.mjs';

const images = fileURLToPath(new URL('../../docs/images/', import.meta.url));
const size = { width: 1280, height: 830 };

const browser = await launch();
for (const [colorScheme, name] of [['light', 'two-phones'], ['dark', 'two-phones-dark']]) {
  const server = await startReal();
  const page = await openPage(browser, server.url, { viewport: size, colorScheme });
  await page.getByRole('button', { name: 'Use this number' }).click();
  await page.keyboard.press('Enter');
  await page.locator('ringback-phone.visitor .banner').click();
  const business = page.locator('ringback-phone.business');
  await business.getByRole('button', { name: 'Answer', exact: true }).click();
  await business.locator('.caption', { hasText: /press 1/ }).waitFor();
  await heading(page, /picked up/).waitFor();
  // A call some seconds old, and a pulse at rest: the same picture every time.
  await business.locator('[role=timer]', { hasText: '0:04' }).waitFor();
  await page.mouse.move(0, 0);
  await page.screenshot({ path: `${images}${name}.png`, animations: 'disabled' });
  await page.context().close();
  await server.close();
}
await browser.close();
