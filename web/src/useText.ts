import { useI18n } from 'vue-i18n';
import { ApiError } from '@/api/client';
import { clock, fullMoment, moment, span, toMs } from '@/format/time';
import { useCity } from '@/stores/city';
import { usePreferences } from '@/stores/preferences';

/** What a page says: messages, names in the reader's language, and times of the city. */
export function useText() {
  const { t } = useI18n();
  const city = useCity();
  const preferences = usePreferences();
  const chinese = (): boolean => preferences.language === 'zh';

  const nameOf = (thing: { name_zh?: string | null; name_en?: string | null; id?: string } | null | undefined): string => {
    if (!thing) return '—';
    const [first, second] = chinese() ? [thing.name_zh, thing.name_en] : [thing.name_en, thing.name_zh];
    return first || second || thing.id || '—';
  };
  const textOf = (thing: { text_zh?: string | null; text_en?: string | null } | null | undefined): string => {
    if (!thing) return '';
    return (chinese() ? thing.text_zh || thing.text_en : thing.text_en || thing.text_zh) ?? '';
  };
  const at = (time: string | number | null | undefined): string =>
    moment(typeof time === 'number' ? time : toMs(time), city.offset, city.nowMs);
  const exact = (time: string | number | null | undefined): string =>
    fullMoment(typeof time === 'number' ? time : toMs(time), city.offset);
  const hour = (time: string | number | null | undefined): string => clock(typeof time === 'number' ? time : toMs(time), city.offset);
  const length = (ms: number): string => {
    const { unit, value } = span(ms);
    return t(`span.${unit}`, { n: value });
  };
  const ago = (time: string | null | undefined): string => {
    const ms = toMs(time);
    return ms === null ? '—' : t('span.ago', { length: length(city.nowMs - ms) });
  };
  const errorText = (error: unknown): string => {
    if (error instanceof ApiError) return chinese() ? error.textZh : error.textEn;
    return error instanceof Error ? error.message : String(error);
  };
  return { t, nameOf, textOf, at, exact, hour, length, ago, errorText, chinese };
}
