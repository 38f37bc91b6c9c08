import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import { api } from '@/api/client';
import type { ChargerState, Overview } from '@/api/types';
import { toMs } from '@/format/time';

export type EventKind = 'overview' | 'charger' | 'session' | 'alarm' | 'plan' | 'node';
export interface ChargerChange {
  id: string;
  state: ChargerState;
}
type Listener = (data: unknown) => void;

/** Without an event for this long the connection is checked by asking. */
const SILENCE_MS = 15_000;

/** The city's virtual time: what the server said plus what has passed since, at its speed. */
export function virtualNow(overviewMs: number, speed: number, receivedMs: number, wallMs: number): number {
  return overviewMs + Math.max(0, wallMs - receivedMs) * speed;
}

export const useCity = defineStore('city', () => {
  const overview = shallowRef<Overview | null>(null);
  const receivedMs = ref(0);
  const wallMs = ref(Date.now());
  const connected = ref(false);
  const failed = ref(false);
  const listeners = new Map<EventKind, Set<Listener>>();
  let source: EventSource | null = null;
  let timer = 0;
  let heardMs = 0;

  const offset = computed(() => overview.value?.city.utc_offset_minutes ?? 480);
  const nowMs = computed(() => {
    const known = overview.value;
    if (!known) return wallMs.value;
    const frozenAt = connected.value ? wallMs.value : Math.min(wallMs.value, receivedMs.value + 3000);
    return virtualNow(toMs(known.now) ?? wallMs.value, known.speed, receivedMs.value, frozenAt);
  });
  /** Age of what is shown, in wall time. */
  const ageMs = computed(() => (receivedMs.value ? Math.max(0, wallMs.value - receivedMs.value) : 0));
  const stale = computed(() => failed.value || (!!overview.value && !connected.value && ageMs.value > 4000));
  const simulated = computed(() => !!overview.value && (overview.value.simulated || overview.value.synthetic_network));

  function take(next: Overview): void {
    overview.value = next;
    receivedMs.value = Date.now();
    wallMs.value = receivedMs.value;
    failed.value = false;
  }
  async function ask(): Promise<void> {
    try {
      take(await api.get<Overview>('/overview'));
    } catch {
      failed.value = true;
    }
  }
  function hear(kind: EventKind, text: string): void {
    heardMs = Date.now();
    let data: unknown = null;
    try {
      data = JSON.parse(text);
    } catch {
      return;
    }
    if (kind === 'overview') take(data as Overview);
    for (const listener of listeners.get(kind) ?? []) listener(data);
  }
  function connect(): void {
    source?.close();
    source = new EventSource('/api/v1/events');
    source.onopen = () => {
      connected.value = true;
      heardMs = Date.now();
    };
    source.onerror = () => (connected.value = false);
    for (const kind of ['overview', 'charger', 'session', 'alarm', 'plan', 'node'] as const) {
      source.addEventListener(kind, (event) => {
        connected.value = true;
        hear(kind, (event as MessageEvent<string>).data);
      });
    }
  }
  function tick(): void {
    wallMs.value = Date.now();
    if (source?.readyState === EventSource.CLOSED && wallMs.value - heardMs > 3000) {
      heardMs = wallMs.value;
      connect();
    }
    if (wallMs.value - Math.max(heardMs, receivedMs.value) > SILENCE_MS) {
      heardMs = wallMs.value;
      void ask();
    }
  }
  async function start(): Promise<void> {
    if (timer) return;
    heardMs = Date.now();
    timer = window.setInterval(tick, 1000);
    connect();
    await ask();
  }
  function stop(): void {
    window.clearInterval(timer);
    timer = 0;
    source?.close();
    source = null;
    connected.value = false;
    overview.value = null;
  }
  function on(kind: EventKind, listener: Listener): () => void {
    const set = listeners.get(kind) ?? new Set<Listener>();
    listeners.set(kind, set.add(listener));
    return () => set.delete(listener);
  }
  return { overview, offset, nowMs, ageMs, stale, connected, simulated, start, stop, ask, on };
});
