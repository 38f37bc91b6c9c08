import { describe, expect, it } from 'vitest';
import type { MapPoints, MapStation } from '@/api/types';
import { cluster, codeOf, countByStation, decodeStates, latOf, lonOf, mercatorX, mercatorY, placeChargers, STATE_COUNT } from '@/map/places';
import { partRings, type Ring } from '@/map/overlay';

const station = (id: string, lon: number, lat: number): MapStation => ({ id, name_zh: id, name_en: id, kind: 'residential', lon, lat, county: '371402', chargers: 0 });
const stations = [station('a', 116.3, 37.45), station('b', 116.3001, 37.4501), station('c', 117, 37)];
const points: MapPoints = { version: 1, ids: ['1', '2', '3', '4', '5'], lon: [116.3, 116.3, 117, null, 110], lat: [37.45, 37.45, 37, null, 30], states: 'fcxcc' };

describe('places', () => {
  it('project there and back', () => {
    expect(lonOf(mercatorX(116.3))).toBeCloseTo(116.3, 9);
    expect(latOf(mercatorY(37.45))).toBeCloseTo(37.45, 9);
  });
  it('fan out chargers at one spot and leave out those without one', () => {
    const placed = placeChargers(points, stations);
    expect(placed.ids).toEqual(['1', '2', '3', '5']);
    expect([...placed.station]).toEqual([0, 0, 2, -1]);
    expect(placed.x[0]).not.toBe(placed.x[1]);
    expect(Math.hypot((placed.x[0] ?? 0) - (placed.x[1] ?? 0), (placed.y[0] ?? 0) - (placed.y[1] ?? 0))).toBeLessThan(1e-6);
  });
  it('take only changed states over, in the server’s order', () => {
    const placed = placeChargers(points, stations);
    expect(decodeStates('fcxcc', placed)).toBeNull();
    expect(decodeStates('fcx?o', placed)).toEqual([3, 3]);
    expect(placed.states[3]).toBe(codeOf('o'));
    expect(decodeStates('cc-co', placed)).toEqual([0, 2]);
  });
  it('count by station and gather near stations into one ring', () => {
    const placed = placeChargers(points, stations);
    const counts = countByStation(placed, stations.length);
    expect(counts[codeOf('c')]).toBe(1);
    expect(counts[2 * STATE_COUNT + codeOf('x')]).toBe(1);
    const coarse = cluster(stations, counts, 1 / 512);
    expect(coarse.length).toBeLessThanOrEqual(2);
    expect(coarse.reduce((sum, each) => sum + each.total, 0)).toBe(3);
    expect(cluster(stations, counts, 1e-9)).toHaveLength(3);
  });
  it('treat a letter from a newer server as unknown', () => expect(codeOf('z')).toBe(STATE_COUNT - 1));
  it('count 66,800 chargers', () => {
    const n = 66_800;
    const many: MapPoints = { version: 1, ids: Array.from({ length: n }, (_, i) => `C${i}`), lon: Array.from({ length: n }, (_, i) => 116 + (i % 3000) / 3000), lat: Array.from({ length: n }, (_, i) => 37 + (i % 3000) / 3000), states: 'c'.repeat(n) };
    const sites = Array.from({ length: 3000 }, (_, i) => station(`s${i}`, 116 + i / 3000, 37 + i / 3000));
    const placed = placeChargers(many, sites);
    const counts = countByStation(placed, sites.length);
    expect(counts.reduce((sum, each) => sum + each, 0)).toBe(n);
  });
});

describe('rings', () => {
  it('are moved until they no longer cover each other', () => {
    const ring = (x: number): Ring => ({ x, y: 0, radius: 20, label: '', cluster: { x: 0, y: 0, stations: [], counts: new Uint32Array(STATE_COUNT), total: 1 } });
    const rings = [ring(0), ring(10)];
    partRings(rings);
    expect(Math.hypot((rings[1]?.x ?? 0) - (rings[0]?.x ?? 0), (rings[1]?.y ?? 0) - (rings[0]?.y ?? 0))).toBeGreaterThanOrEqual(40);
  });
});
