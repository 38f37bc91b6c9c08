// What the map knows without drawing: where chargers are, which station each belongs to, and how stations gather by zoom.
import { STATE_LETTERS } from '@/api/words';
import type { MapPoints, MapStation } from '@/api/types';

export const STATE_COUNT = STATE_LETTERS.length;
const CODE = new Map([...STATE_LETTERS].map((letter, index) => [letter, index]));
const UNKNOWN = STATE_COUNT - 1;
export const codeOf = (letter: string): number => CODE.get(letter) ?? UNKNOWN;

/** Web-Mercator in the unit square, as the map's matrices expect it. */
export const mercatorX = (lon: number): number => (lon + 180) / 360;
export const mercatorY = (lat: number): number => 0.5 - Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) / (2 * Math.PI);
export const lonOf = (x: number): number => x * 360 - 180;
export const latOf = (y: number): number => (Math.atan(Math.exp((0.5 - y) * 2 * Math.PI)) * 360) / Math.PI - 90;

export interface Chargers {
  ids: string[];
  index: Map<string, number>;
  /** Mercator, doubles; chargers at one spot are fanned out so that each can be seen and clicked. */
  x: Float64Array;
  y: Float64Array;
  states: Uint8Array;
  /** Each one's position in the server's order; those without a place are left out here but not there. */
  order: Int32Array;
  /** Index into the stations, −1 where none is near. */
  station: Int32Array;
}

const SPACING_M = 9;
const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5));
const EARTH_M = 40_075_016.7;

/** Metres from a station to the outermost of its fanned-out chargers. */
export const crowdRadius = (total: number): number => SPACING_M * Math.sqrt(Math.max(1, total)) + 4;

/** Takes the server's letters over; answers the stretch that changed, or null. */
export function decodeStates(text: string, chargers: Pick<Chargers, 'states' | 'order'>): [first: number, last: number] | null {
  const into = chargers.states;
  let first = -1;
  let last = -1;
  for (let i = 0; i < into.length; i++) {
    const code = codeOf(text.charAt(chargers.order[i] ?? 0));
    if (into[i] === code) continue;
    into[i] = code;
    if (first < 0) first = i;
    last = i;
  }
  return first < 0 ? null : [first, last];
}

export function placeChargers(points: MapPoints, stations: readonly MapStation[]): Chargers {
  const kept: number[] = [];
  points.ids.forEach((_, i) => {
    // Null Island is what a station without a place looks like.
    if (points.lon[i] && points.lat[i]) kept.push(i);
  });
  const n = kept.length;
  const chargers: Chargers = { ids: kept.map((i) => points.ids[i] ?? ''), index: new Map(), x: new Float64Array(n), y: new Float64Array(n), states: new Uint8Array(n), order: Int32Array.from(kept), station: new Int32Array(n) };
  const stationAt = new Map<string, number>();
  stations.forEach((station, i) => stationAt.set(`${station.lon} ${station.lat}`, i));
  const crowd = new Map<string, number>();
  kept.forEach((from, i) => {
    const lon = points.lon[from] ?? 0;
    const lat = points.lat[from] ?? 0;
    const spot = `${lon} ${lat}`;
    const order = crowd.get(spot) ?? 0;
    crowd.set(spot, order + 1);
    const metre = 1 / (EARTH_M * Math.cos((lat * Math.PI) / 180));
    const far = order === 0 ? 0 : SPACING_M * Math.sqrt(order) * metre;
    chargers.x[i] = mercatorX(lon) + Math.cos(order * GOLDEN_ANGLE) * far;
    chargers.y[i] = mercatorY(lat) + Math.sin(order * GOLDEN_ANGLE) * far;
    chargers.station[i] = stationAt.get(spot) ?? nearest(stations, lon, lat);
    chargers.states[i] = codeOf(points.states.charAt(from));
    chargers.index.set(chargers.ids[i] ?? '', i);
  });
  return chargers;
}

/** The nearest station within about 3 km, or −1. */
function nearest(stations: readonly MapStation[], lon: number, lat: number): number {
  let best = -1;
  let least = 0.03 ** 2;
  stations.forEach((station, i) => {
    if (station.lon === null || station.lat === null) return;
    const far = (station.lon - lon) ** 2 + (station.lat - lat) ** 2;
    if (far < least) {
      least = far;
      best = i;
    }
  });
  return best;
}

/** Chargers by state, a row of STATE_COUNT numbers a station. */
export function countByStation(chargers: Chargers, stations: number): Uint32Array {
  const counts = new Uint32Array(stations * STATE_COUNT);
  for (let i = 0; i < chargers.states.length; i++) {
    const station = chargers.station[i] ?? -1;
    if (station < 0) continue;
    const at = station * STATE_COUNT + (chargers.states[i] ?? UNKNOWN);
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return counts;
}

export interface Cluster {
  x: number;
  y: number;
  stations: number[];
  counts: Uint32Array;
  total: number;
}

/** Stations in one cell of a grid of `cell` (mercator units) make one cluster, at the mean of their places. */
export function cluster(stations: readonly MapStation[], counts: Uint32Array, cell: number): Cluster[] {
  const cells = new Map<string, Cluster>();
  stations.forEach((station, i) => {
    if (!station.lon || !station.lat) return;
    const x = mercatorX(station.lon);
    const y = mercatorY(station.lat);
    const key = `${Math.floor(x / cell)} ${Math.floor(y / cell)}`;
    const found = cells.get(key) ?? { x: 0, y: 0, stations: [], counts: new Uint32Array(STATE_COUNT), total: 0 };
    found.x += x;
    found.y += y;
    found.stations.push(i);
    for (let state = 0; state < STATE_COUNT; state++) {
      const number = counts[i * STATE_COUNT + state] ?? 0;
      found.counts[state] = (found.counts[state] ?? 0) + number;
      found.total += number;
    }
    cells.set(key, found);
  });
  for (const each of cells.values()) {
    each.x /= each.stations.length;
    each.y /= each.stations.length;
  }
  return [...cells.values()];
}
