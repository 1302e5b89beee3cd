// Waits for a condition, never for a time: asks often, gives up late.
export async function until(what, ask, deadline = 90_000) {
  const end = Date.now() + deadline;
  let last;
  for (;;) {
    const found = await ask((seen) => (last = seen));
    if (found) return found;
    if (Date.now() > end) throw new Error(`never came: ${what}; last seen: ${JSON.stringify(last)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
