// The visitor's hands on the form, as every test moves them.

export const heading = (page, name) => page.getByRole('heading', { name });
export const phoneField = (page) => page.getByLabel('Your phone number');
export const codeField = (page) => page.getByLabel('Code from the text');
export const notice = (page, text) => page.locator('ring-back .notice', { hasText: text });

export async function askForCall(page, phone = '(202) 555-0123') {
  await phoneField(page).fill(phone);
  await page.getByRole('button', { name: 'Call me back' }).click();
}

/** Asks and proves the number; leaves the form in its live view. Returns the callback's id. */
export async function askAndProve(page, mock, phone) {
  await askForCall(page, phone);
  await codeField(page).waitFor();
  const callback = [...mock.callbacks.values()].at(-1);
  await codeField(page).fill(callback.code);
  await codeField(page).waitFor({ state: 'detached' });
  return callback.id;
}
