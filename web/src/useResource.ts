import { onUnmounted, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue';

export interface Resource<T> {
  data: ShallowRef<T | null>;
  error: ShallowRef<unknown>;
  loading: Ref<boolean>;
  reload: () => Promise<void>;
}

/**
 * Something read from the server: again when `watched` changes and every `everyMs`. What was read stays while the next is
 * on its way, and an answer overtaken by a later question is dropped.
 */
export function useResource<T>(read: (signal: AbortSignal) => Promise<T>, watched: () => unknown, everyMs = 0): Resource<T> {
  const data = shallowRef<T | null>(null);
  const error = shallowRef<unknown>(null);
  const loading = ref(true);
  let controller = new AbortController();

  async function reload(): Promise<void> {
    controller.abort();
    const mine = new AbortController();
    controller = mine;
    loading.value = true;
    try {
      const answer = await read(mine.signal);
      if (mine.signal.aborted) return;
      data.value = answer;
      error.value = null;
    } catch (failure) {
      if (mine.signal.aborted) return;
      error.value = failure;
    }
    loading.value = false;
  }
  watch(
    watched,
    () => {
      data.value = null;
      void reload();
    },
    { deep: true },
  );
  void reload();
  const timer = everyMs
    ? window.setInterval(() => {
        if (!document.hidden) void reload();
      }, everyMs)
    : 0;
  onUnmounted(() => {
    window.clearInterval(timer);
    controller.abort();
  });
  return { data, error, loading, reload };
}
