import { computed, reactive, watch } from 'vue';
import { useRoute, useRouter } from 'vue-router';

/** A page's view (filters, chosen columns) kept in the address, so it can be kept as a bookmark and sent to a colleague. */
export function useView<T extends Record<string, string>>(defaults: T) {
  const route = useRoute();
  const router = useRouter();
  const own = route.name;
  const view = reactive({ ...defaults }) as T;
  const take = (): void => {
    for (const name of Object.keys(defaults) as (keyof T & string)[]) {
      const given = route.query[name];
      const value = typeof given === 'string' ? given : defaults[name];
      if (view[name] !== value) view[name] = value as T[keyof T & string];
    }
  };
  take();
  watch(() => route.query, () => {
    if (route.name === own) take();
  });
  watch(view, () => {
    const query: Record<string, string> = {};
    for (const name of Object.keys(defaults)) if (view[name] !== defaults[name]) query[name] = view[name] ?? '';
    if (JSON.stringify(query) !== JSON.stringify(route.query)) void router.replace({ query });
  });
  const changed = computed(() => Object.keys(defaults).some((name) => name !== 'columns' && view[name] !== defaults[name]));
  const clear = (): void => void Object.assign(view, defaults);
  return { view, changed, clear };
}
