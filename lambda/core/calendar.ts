/** A day as `2026-11-24`, in the calendar of a time zone. */
export type Day = string;

const formats = new Map<string, Intl.DateTimeFormat>();

/** The day it is in this time zone at this time. Throws a RangeError for a zone that does not exist. */
export function dayAt(nowMs: number, timeZone: string): Day {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
    formats.set(timeZone, format);
  }
  return format.format(nowMs);
}

/** The month of a day, `2026-11`. */
export function monthOf(day: Day): string {
  return day.slice(0, 7);
}

export const DAY_MS = 86_400_000;

/** When the day after this one begins in this time zone, epoch milliseconds, exact to the minute. */
export function nextDayStartMs(nowMs: number, timeZone: string): number {
  const today = dayAt(nowMs, timeZone);
  return firstMinute(nowMs, nowMs + DAY_MS * 2, (time) => dayAt(time, timeZone) > today);
}

/** When the next month begins in this time zone, epoch milliseconds, exact to the minute. */
export function nextMonthStartMs(nowMs: number, timeZone: string): number {
  const month = monthOf(dayAt(nowMs, timeZone));
  return firstMinute(nowMs, nowMs + DAY_MS * 33, (time) => monthOf(dayAt(time, timeZone)) > month);
}

/** The first full minute at which something that stays true has become true. */
function firstMinute(fromMs: number, toMs: number, isTrue: (timeMs: number) => boolean): number {
  let low = Math.floor(fromMs / 60_000);
  let high = Math.ceil(toMs / 60_000);
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isTrue(middle * 60_000)) high = middle;
    else low = middle + 1;
  }
  return low * 60_000;
}
