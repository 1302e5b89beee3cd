// Numbers and times as the reader writes them. Pure; locale and zone are the browser's.

/** "+12025550123" and "+1202•••0123" as "+1 202 555 0123"; other countries as they come. */
export function phoneText(phone: string): string {
  return phone.replace(/^\+1(\d{3})(.{3})(.{4})$/, '+1 $1 $2 $3');
}

/** 75 as "1:15", 3700 as "1:01:40". */
export function clockText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(whole % 60)}`
    : `${minutes}:${two(whole % 60)}`;
}

/** "14:05" today, "Monday 09:00" within six days, "30 November, 09:00" beyond; in the reader's zone. */
export function momentText(iso: string, now: Date = new Date()): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  const time = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' }).format(at);
  if (at.toDateString() === now.toDateString()) return time;
  const days = (at.getTime() - now.getTime()) / 86_400_000;
  const day = new Intl.DateTimeFormat(
    undefined,
    days > 0 && days < 6 ? { weekday: 'long' } : { day: 'numeric', month: 'long' },
  ).format(at);
  return `${day} ${time}`;
}

/** True when the reader's clock and the business's differ, so that "your time" is worth saying. */
export function inAnotherZone(timezone: string, at: Date = new Date()): boolean {
  const local = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (timezone === local) return false;
  try {
    const read = (timeZone: string): string =>
      new Intl.DateTimeFormat('en', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(at);
    return read(timezone) !== read(local);
  } catch {
    return false;
  }
}
