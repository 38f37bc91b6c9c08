// The arithmetic behind TimeChart.vue: scales, stepped paths and round axis marks, testable without a page.
import type { BandLetter } from '@/api/types';

export interface Point {
  at: number;
  until: number;
  value: number | null;
}
export interface ChartLine {
  key: string;
  label: string;
  colour: string;
  points: Point[];
  width?: number;
  dash?: string;
  area?: boolean;
  /** Straight from point to point instead of one level a slot. */
  smooth?: boolean;
}
export interface ChartBand {
  from: number;
  until: number;
  band: BandLetter;
  price: string | null;
}
export type Scale = (value: number) => number;

export const linear = (from: number, until: number, low: number, high: number): Scale => {
  const factor = until === from ? 0 : (high - low) / (until - from);
  return (value) => low + (value - from) * factor;
};

/** A round number of at least `value`: 1, 1.5, 2, 2.5, 3, 4, 5, 6 or 8 times a power of ten. */
export function roundUp(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((wanted) => wanted * power >= value * 0.9999) ?? 10;
  return step * power;
}

export function axisMarks(top: number, wanted: number): number[] {
  const raw = top / wanted;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 2.5, 5, 10].find((each) => each * power >= raw * 0.9999) ?? 10) * power;
  const marks: number[] = [];
  for (let value = 0; value <= top * 1.0001; value += step) marks.push(value);
  return marks;
}

const round = (value: number): number => Math.round(value * 10) / 10;

/** The path through the known points; a gap where a value is missing. Slots are drawn as levels unless `smooth`. */
export function pathOf(points: readonly Point[], x: Scale, y: Scale, smooth = false): string {
  let path = '';
  let pen = false;
  for (const point of points) {
    if (point.value === null) {
      pen = false;
      continue;
    }
    const height = round(y(point.value));
    path += `${pen ? 'L' : 'M'}${round(x(point.at))} ${height}`;
    if (!smooth) path += `H${round(x(point.until))}`;
    pen = true;
  }
  return path;
}

/** The same as closed shapes down to the `floor`, one a run of known points. */
export function areaOf(points: readonly Point[], x: Scale, y: Scale, floor: (point: Point) => number): string {
  let path = '';
  let run: Point[] = [];
  const close = (): void => {
    const first = run[0];
    if (first) {
      path += `M${round(x(first.at))} ${round(y(floor(first)))}`;
      for (const point of run) path += `V${round(y(point.value ?? 0))}H${round(x(point.until))}`;
      for (const point of [...run].reverse()) path += `V${round(y(floor(point)))}H${round(x(point.at))}`;
      path += 'Z';
    }
    run = [];
  };
  for (const point of points) {
    if (point.value === null) close();
    else run.push(point);
  }
  close();
  return path;
}

export const valueAt = (points: readonly Point[], at: number): number | null =>
  points.find((point) => at >= point.at && at < point.until)?.value ?? null;

/** Hours of the city's day for the axis: every 1, 2, 3, 6 or 12 hours, as many as fit. */
export function hourMarks(from: number, until: number, offsetMinutes: number, most: number): number[] {
  const hour = 3_600_000;
  const step = ([1, 2, 3, 6, 12, 24].find((each) => (until - from) / (each * hour) <= most) ?? 48) * hour;
  const shift = offsetMinutes * 60_000;
  const marks: number[] = [];
  for (let at = Math.ceil((from + shift) / step) * step - shift; at <= until; at += step) marks.push(at);
  return marks;
}

/** Marks of a power axis: all in one unit, with only the digits they need. */
export function powerAxis(marks: readonly number[]): { unit: string; texts: string[] } {
  const top = marks[marks.length - 1] ?? 0;
  const mega = top >= 10_000_000;
  const scale = mega ? 1e6 : 1e3;
  const step = (marks[1] ?? top) / scale;
  const digits = Number.isInteger(step) ? 0 : Number.isInteger(step * 10) ? 1 : 2;
  return { unit: mega ? 'MW' : 'kW', texts: marks.map((mark) => (mark / scale).toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })) };
}
