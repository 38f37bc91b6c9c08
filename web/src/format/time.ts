// Every time on the page is the city's, never the browser's: the offset comes with the overview.

const pad = (value: number): string => String(value).padStart(2, '0');

export const toMs = (time: string | null | undefined): number | null => {
  if (!time) return null;
  const ms = Date.parse(time);
  return Number.isNaN(ms) ? null : ms;
};

/** The wall clock of the city at `ms`, as a Date whose UTC fields are to be read. */
export const cityDate = (ms: number, offsetMinutes: number): Date => new Date(ms + offsetMinutes * 60_000);

export function clock(ms: number | null, offsetMinutes: number, seconds = false): string {
  if (ms === null) return '—';
  const date = cityDate(ms, offsetMinutes);
  const text = `${pad(date.getUTCHours())}:${pad(date.getUTCMinutes())}`;
  return seconds ? `${text}:${pad(date.getUTCSeconds())}` : text;
}

export function dayOf(ms: number, offsetMinutes: number): string {
  const date = cityDate(ms, offsetMinutes);
  return `${date.getUTCFullYear()}-${pad(date.getUTCMonth() + 1)}-${pad(date.getUTCDate())}`;
}

/** First millisecond of a city day written YYYY-MM-DD. */
export const startOfDay = (day: string, offsetMinutes: number): number => Date.parse(`${day}T00:00:00Z`) - offsetMinutes * 60_000;

export const addDays = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);

/** "06:10" today, "11-24 06:10" on another day of the city. */
export function moment(ms: number | null, offsetMinutes: number, nowMs: number): string {
  if (ms === null) return '—';
  const day = dayOf(ms, offsetMinutes);
  const today = dayOf(nowMs, offsetMinutes);
  const time = clock(ms, offsetMinutes);
  if (day === today) return time;
  return `${day.slice(0, 4) === today.slice(0, 4) ? day.slice(5) : day}\u00a0${time}`;
}

export function fullMoment(ms: number | null, offsetMinutes: number): string {
  return ms === null ? '—' : `${dayOf(ms, offsetMinutes)} ${clock(ms, offsetMinutes, true)}`;
}

export interface Span {
  unit: 'second' | 'minute' | 'hour' | 'day';
  value: number;
}

/** A length of time in its largest whole unit. */
export function span(ms: number): Span {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return { unit: 'second', value: seconds };
  if (seconds < 3600) return { unit: 'minute', value: Math.floor(seconds / 60) };
  if (seconds < 172_800) return { unit: 'hour', value: Math.floor(seconds / 3600) };
  return { unit: 'day', value: Math.floor(seconds / 86_400) };
}

/** "2026-11-23T18:30" as typed in the city's time → RFC 3339 in UTC, or null when it is no time. */
export function fromCityInput(text: string, offsetMinutes: number): string | null {
  const ms = Date.parse(`${text}Z`);
  return Number.isNaN(ms) ? null : new Date(ms - offsetMinutes * 60_000).toISOString();
}

export const toCityInput = (ms: number, offsetMinutes: number): string => cityDate(ms, offsetMinutes).toISOString().slice(0, 16);
