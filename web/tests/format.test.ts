import { describe, expect, it } from 'vitest';
import { energy, fixed, percent, power, powerParts, price, shareBelow, yuan } from '@/format/numbers';
import { addDays, clock, dayOf, fromCityInput, fullMoment, moment, span, startOfDay, toCityInput } from '@/format/time';

const NBSP = '\u00a0';
const CITY = 480;
const NOW = Date.parse('2026-11-23T10:31:00Z');

describe('numbers', () => {
  it('shows kW with one digit and MW with two from 10,000 kW on', () => {
    expect(power(3480)).toBe(`3.5${NBSP}kW`);
    expect(power(0)).toBe(`0.0${NBSP}kW`);
    expect(power(9_999_000)).toBe(`9,999.0${NBSP}kW`);
    expect(power(12_300_000)).toBe(`12.30${NBSP}MW`);
    expect(powerParts(null)).toEqual({ value: '—', unit: '' });
  });
  it('keeps two digits for energy and money, four for a price, one for a share', () => {
    expect(energy(5200)).toBe(`5.20${NBSP}kWh`);
    expect(energy(1_234_567)).toBe(`1,234.57${NBSP}kWh`);
    expect(yuan('1234.5')).toBe('1,234.50');
    expect(yuan(null)).toBe('—');
    expect(price('0.98538')).toBe('0.9854');
    expect(percent(0.3105)).toBe(`31.1${NBSP}%`);
  });
  it('separates thousands, writes a real minus and no minus before zero', () => {
    expect(fixed(-1234567.891, 1)).toBe('−1,234,567.9');
    expect(fixed(-0.01, 1)).toBe('0.0');
    expect(fixed(Number.NaN, 1)).toBe('—');
  });
  it('says how far below the limit, and nothing without a limit', () => {
    expect(shareBelow(75, 100)).toBeCloseTo(0.25);
    expect(shareBelow(110, 100)).toBeCloseTo(-0.1);
    expect(shareBelow(10, null)).toBeNull();
    expect(shareBelow(10, 0)).toBeNull();
  });
});

describe('city time', () => {
  it('is the city’s, whatever the browser’s zone', () => {
    expect(clock(NOW, CITY)).toBe('18:31');
    expect(fullMoment(NOW, CITY)).toBe('2026-11-23 18:31:00');
    expect(dayOf(Date.parse('2026-11-23T16:00:00Z'), CITY)).toBe('2026-11-24');
    expect(startOfDay('2026-11-24', CITY)).toBe(Date.parse('2026-11-23T16:00:00Z'));
  });
  it('names the day only when it is another', () => {
    expect(moment(NOW, CITY, NOW)).toBe('18:31');
    expect(moment(NOW + 86_400_000, CITY, NOW)).toBe(`11-24${NBSP}18:31`);
    expect(moment(NOW + 400 * 86_400_000, CITY, NOW)).toBe(`2027-12-28${NBSP}18:31`);
    expect(moment(null, CITY, NOW)).toBe('—');
  });
  it('takes what is typed as the city’s time, and back', () => {
    expect(fromCityInput('2026-11-24T06:10', CITY)).toBe('2026-11-23T22:10:00.000Z');
    expect(toCityInput(Date.parse('2026-11-23T22:10:00Z'), CITY)).toBe('2026-11-24T06:10');
    expect(fromCityInput('', CITY)).toBeNull();
  });
  it('counts days across months and leap years', () => {
    expect(addDays('2028-02-28', 1)).toBe('2028-02-29');
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
  });
  it('gives a length in its largest whole unit', () => {
    expect(span(59_000)).toEqual({ unit: 'second', value: 59 });
    expect(span(3_599_000)).toEqual({ unit: 'minute', value: 59 });
    expect(span(47 * 3_600_000)).toEqual({ unit: 'hour', value: 47 });
    expect(span(72 * 3_600_000)).toEqual({ unit: 'day', value: 3 });
  });
});
