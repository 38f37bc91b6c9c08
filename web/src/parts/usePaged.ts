import { onUnmounted, ref, shallowRef, watch } from 'vue';

export interface Page<T> {
  rows: T[];
  next: string | null;
  total?: number | null;
}

/** A long list read page by page from the server; starts again when `watched` changes, refreshes in place every `everyMs`. */
export function usePaged<T>(read: (after: string | null, limit: number, signal: AbortSignal) => Promise<Page<T>>, watched: () => unknown, everyMs = 0, size = 50) {
  const rows = shallowRef<T[]>([]);
  const next = ref<string | null>(null);
  const total = ref<number | null>(null);
  const error = shallowRef<unknown>(null);
  const loading = ref(true);
  const started = ref(false);
  let controller = new AbortController();

  async function load(after: string | null, limit: number): Promise<void> {
    controller.abort();
    const mine = new AbortController();
    controller = mine;
    loading.value = true;
    try {
      const page = await read(after, limit, mine.signal);
      if (mine.signal.aborted) return;
      rows.value = after === null ? page.rows : [...rows.value, ...page.rows];
      next.value = page.next;
      total.value = page.total ?? null;
      error.value = null;
      started.value = true;
    } catch (failure) {
      if (mine.signal.aborted) return;
      error.value = failure;
    }
    loading.value = false;
  }
  const reload = (): Promise<void> => load(null, Math.max(size, Math.min(rows.value.length, 500)));
  const more = async (): Promise<void> => {
    if (next.value !== null && !loading.value) await load(next.value, size);
  };
  watch(
    watched,
    () => {
      started.value = false;
      rows.value = [];
      void load(null, size);
    },
    { deep: true },
  );
  void load(null, size);
  const timer = everyMs
    ? window.setInterval(() => {
        if (!document.hidden && !loading.value && rows.value.length <= 500) void reload();
      }, everyMs)
    : 0;
  onUnmounted(() => {
    window.clearInterval(timer);
    controller.abort();
  });
  return { rows, next, total, error, loading, started, reload, more };
}
