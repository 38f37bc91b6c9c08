// Digits as the house shows them: kW with one digit (MW with two from 10,000 kW on), kWh and yuan with two, per cent with one.
// A unit never breaks away from its number: they are joined by a no-break space.

export const NOT_KNOWN = '—';
const NBSP = '\u00a0';

/** `value` with `digits` after the point, thousands separated, a real minus sign. */
export function fixed(value: number | null | undefined, digits: number): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NOT_KNOWN;
  const text = Math.abs(value).toFixed(digits);
  const [whole = '0', fraction] = text.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  const negative = value < 0 && Number(text) !== 0;
  return (negative ? '−' : '') + grouped + (fraction ? `.${fraction}` : '');
}

export const count = (value: number | null | undefined): string => fixed(value, 0);

export interface Quantity {
  value: string;
  unit: string;
}

export function powerParts(watts: number | null | undefined): Quantity {
  if (watts === null || watts === undefined) return { value: NOT_KNOWN, unit: '' };
  if (Math.abs(watts) >= 10_000_000) return { value: fixed(watts / 1e6, 2), unit: 'MW' };
  return { value: fixed(watts / 1e3, 1), unit: 'kW' };
}

export function energyParts(wattHours: number | null | undefined): Quantity {
  if (wattHours === null || wattHours === undefined) return { value: NOT_KNOWN, unit: '' };
  if (Math.abs(wattHours) >= 10_000_000) return { value: fixed(wattHours / 1e6, 2), unit: 'MWh' };
  return { value: fixed(wattHours / 1e3, 2), unit: 'kWh' };
}

const joined = (parts: Quantity): string => (parts.unit ? parts.value + NBSP + parts.unit : parts.value);

export const power = (watts: number | null | undefined): string => joined(powerParts(watts));
export const energy = (wattHours: number | null | undefined): string => joined(energyParts(wattHours));

/** Yuan from the decimal text of the server; parsing to a double is for showing only, two digits. */
export function yuan(text: string | number | null | undefined, unit = ''): string {
  if (text === null || text === undefined || text === '') return NOT_KNOWN;
  const value = fixed(Number(text), 2);
  return unit && value !== NOT_KNOWN ? value + NBSP + unit : value;
}

/** A price keeps four digits: the bands differ in the third. */
export const price = (text: string | null | undefined): string =>
  text === null || text === undefined || text === '' ? NOT_KNOWN : fixed(Number(text), 4);

export function percent(share: number | null | undefined): string {
  return share === null || share === undefined || !Number.isFinite(share) ? NOT_KNOWN : `${fixed(share * 100, 1)}${NBSP}%`;
}

/** How far `part` lies below `whole` as a share of it, or null where that means nothing. */
export function shareBelow(part: number | null | undefined, whole: number | null | undefined): number | null {
  if (part === null || part === undefined || !whole) return null;
  return 1 - part / whole;
}
