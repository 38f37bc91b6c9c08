import type { FeatureCollection, MultiPolygon, Polygon } from 'geojson';
import { computed, shallowRef } from 'vue';
import { api } from '@/api/client';
import { usePreferences } from '@/stores/preferences';

export interface County {
  code: string;
  name_zh: string;
  name_en: string;
}
export type Outlines = FeatureCollection<Polygon | MultiPolygon, County>;

const outlines = shallowRef<Outlines | null>(null);
let asking: Promise<void> | null = null;

/** The counties of the city, read once; outlines for the map, names for filters. */
export function useCounties() {
  const preferences = usePreferences();
  asking ??= api.get<Outlines>('/map/counties').then(
    (read) => {
      // A pack may name its counties in its own language only.
      for (const feature of read.features) {
        const own = feature.properties as County & { name?: string };
        own.name_zh ||= own.name ?? own.code;
        own.name_en ||= own.name ?? own.code;
      }
      outlines.value = read;
    },
    () => {
      asking = null;
    },
  );
  const counties = computed<County[]>(() => (outlines.value?.features ?? []).map((feature) => feature.properties));
  const countyName = (code: string | null | undefined): string => {
    const county = counties.value.find((each) => each.code === code);
    if (!county) return code ?? '—';
    return preferences.language === 'zh' ? county.name_zh || county.name_en : county.name_en || county.name_zh;
  };
  return { outlines, counties, countyName, ready: () => asking ?? Promise.resolve() };
}
