// Rings and names over the map, on a plain canvas: the page's own fonts, Chinese included, without a glyph server.
import type { Cluster } from './places';

export interface Ring {
  x: number;
  y: number;
  cluster: Cluster;
  label: string;
  radius: number;
}
export interface Paint {
  states: string[];
  ink: string;
  faint: string;
  surface: string;
  font: string;
  count: (n: number) => string;
}

/** Order round the ring: what matters first. Codes as in STATE_LETTERS: f o c d r x - ?. */
const ORDER = [2, 3, 1, 4, 5, 0, 6, 7];

export const ringRadius = (total: number): number => Math.min(30, 11 + 2.6 * Math.log2(1 + total) * 0.62);

export function drawRings(context: CanvasRenderingContext2D, rings: readonly Ring[], paint: Paint): void {
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  for (const ring of rings) {
    const { x, y, radius, cluster } = ring;
    context.beginPath();
    context.arc(x, y, radius, 0, 7);
    context.fillStyle = paint.surface;
    context.globalAlpha = 0.94;
    context.fill();
    context.globalAlpha = 1;
    let from = -Math.PI / 2;
    context.lineWidth = Math.max(3.5, radius * 0.22);
    for (const state of ORDER) {
      const share = (cluster.counts[state] ?? 0) / Math.max(1, cluster.total);
      if (!share) continue;
      context.beginPath();
      context.arc(x, y, radius - context.lineWidth / 2, from, from + share * 2 * Math.PI);
      context.strokeStyle = paint.states[state] ?? paint.faint;
      context.globalAlpha = state === 0 || state >= 6 ? 0.38 : 1;
      context.stroke();
      from += share * 2 * Math.PI;
    }
    context.globalAlpha = 1;
    context.fillStyle = paint.ink;
    context.font = `600 ${radius < 17 ? 11 : 12}px ${paint.font}`;
    context.fillText(paint.count(cluster.total), x, y + 0.5);
  }
}

/** Moves rings that cover each other apart, a little at a time; few rings only. */
export function partRings(rings: Ring[]): void {
  for (let round = 0; round < 12; round++) {
    let moved = false;
    rings.forEach((a, i) => {
      for (const b of rings.slice(i + 1)) {
        const dx = b.x - a.x || 0.01;
        const dy = b.y - a.y;
        const apart = Math.hypot(dx, dy);
        const wanted = a.radius + b.radius + 3;
        if (apart >= wanted) continue;
        const push = (wanted - apart) / 2 / Math.max(apart, 0.01);
        a.x -= dx * push;
        a.y -= dy * push;
        b.x += dx * push;
        b.y += dy * push;
        moved = true;
      }
    });
    if (!moved) return;
  }
}

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}
const meets = (a: Box, b: Box): boolean => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/** Names below their rings; a name that would cover another or a ring is left out. */
export function drawNames(context: CanvasRenderingContext2D, rings: readonly Ring[], paint: Paint, size: number): void {
  context.font = `600 ${size}px ${paint.font}`;
  context.lineJoin = 'round';
  const taken: Box[] = rings.map(({ x, y, radius }) => ({ left: x - radius, right: x + radius, top: y - radius, bottom: y + radius }));
  for (const ring of [...rings].sort((a, b) => b.cluster.total - a.cluster.total)) {
    if (!ring.label) continue;
    const half = context.measureText(ring.label).width / 2;
    const y = ring.y + ring.radius + size * 0.75;
    const box = { left: ring.x - half, right: ring.x + half, top: y - size * 0.5, bottom: y + size * 0.5 };
    if (taken.some((other) => meets(box, other))) continue;
    taken.push(box);
    context.lineWidth = 3.5;
    context.strokeStyle = paint.surface;
    context.strokeText(ring.label, ring.x, y);
    context.fillStyle = paint.ink;
    context.fillText(ring.label, ring.x, y);
  }
}
