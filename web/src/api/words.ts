import type { BandLetter, ChargerState } from './types';

export const STATES: readonly ChargerState[] = ['free', 'occupied', 'charging', 'discharging', 'reserved', 'fault', 'offline', 'unknown'];

/** The letters of /map/points, in the order of STATES. */
export const STATE_LETTERS = 'focdrx-?';

export const BANDS: readonly BandLetter[] = ['S', 'P', 'F', 'V', 'D'];

export const bandColour = (band: BandLetter): string => `var(--band-${band.toLowerCase()})`;

/** Where a search hit or an alarm's subject lives. */
export function placeOf(kind: string, id: string | number): string | null {
  const part = encodeURIComponent(String(id));
  if (kind === 'charger') return `/chargers/${part}`;
  if (kind === 'session') return `/sessions/${part}`;
  if (kind === 'node' || kind === 'station') return `/network/${part}`;
  return null;
}
