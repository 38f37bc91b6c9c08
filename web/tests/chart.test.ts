import { describe, expect, it } from 'vitest';
import { areaOf, axisMarks, hourMarks, linear, pathOf, powerAxis, roundUp, valueAt, type Point } from '@/parts/timeChart';
import { csvOf } from '@/parts/table';
import { virtualNow } from '@/stores/city';
import { firstLanguage } from '@/stores/preferences';

const points: Point[] = [
  { at: 0, until: 10, value: 1 },
  { at: 10, until: 20, value: null },
  { at: 20, until: 30, value: 3 },
];
const same = (value: number): number => value;

describe('charts', () => {
  it('draw one level a slot and leave a gap where nothing is known', () => {
    expect(pathOf(points, same, same)).toBe('M0 1H10M20 3H30');
    expect(areaOf(points, same, same, () => 0)).toBe('M0 0V1H10V0H0ZM20 0V3H30V0H20Z');
  });
  it('know the value of a moment', () => {
    expect(valueAt(points, 29)).toBe(3);
    expect(valueAt(points, 12)).toBeNull();
    expect(valueAt(points, 30)).toBeNull();
  });
  it('have round axes in one unit', () => {
    expect(roundUp(17.4)).toBe(20);
    expect(roundUp(0)).toBe(1);
    expect(axisMarks(20, 5)).toEqual([0, 5, 10, 15, 20]);
    expect(powerAxis([0, 5_000_000, 25_000_000])).toEqual({ unit: 'MW', texts: ['0', '5', '25'] });
    expect(powerAxis([0, 500, 1000])).toEqual({ unit: 'kW', texts: ['0.0', '0.5', '1.0'] });
    expect(linear(0, 10, 100, 0)(5)).toBe(50);
  });
  it('mark round hours of the city', () => {
    const from = Date.parse('2026-11-22T16:00:00Z');
    const marks = hourMarks(from, from + 86_400_000, 480, 9);
    expect(marks).toHaveLength(9);
    expect(new Date((marks[1] ?? 0) + 480 * 60_000).getUTCHours()).toBe(3);
  });
});

describe('around them', () => {
  it('runs the city’s clock at its speed from what was last heard', () => {
    expect(virtualNow(1000, 60, 5000, 6000)).toBe(61_000);
    expect(virtualNow(1000, 60, 5000, 4000)).toBe(1000);
  });
  it('speaks the browser’s first language that it knows', () => {
    expect(firstLanguage(['fr-FR', 'en-GB', 'zh-CN'])).toBe('en');
    expect(firstLanguage(['zh-TW'])).toBe('zh');
    expect(firstLanguage(['fr'])).toBe('zh');
  });
  it('exports tables that a spreadsheet cannot run', () => {
    const text = csvOf([{ key: 'a', label: 'A,"b"', text: (row: string) => row }], ['=1+1', '3.5\u00a0kW']);
    expect(text).toBe('\ufeff"A,""b"""\r\n\'=1+1\r\n3.5 kW\r\n');
  });
});
