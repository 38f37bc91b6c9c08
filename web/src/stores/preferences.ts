import { defineStore } from 'pinia';
import { computed, ref, watchEffect } from 'vue';
import { i18n, type Language } from '@/i18n';

export type Theme = 'auto' | 'light' | 'dark';

/** The first language of the browser that we speak; Chinese where there is none. */
export function firstLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    if (tag.toLowerCase().startsWith('zh')) return 'zh';
    if (tag.toLowerCase().startsWith('en')) return 'en';
  }
  return 'zh';
}

export const usePreferences = defineStore('preferences', () => {
  const stored = (name: string): string | null => localStorage.getItem(`tianqu.${name}`);
  const language = ref<Language>((stored('language') as Language | null) ?? firstLanguage(navigator.languages));
  const theme = ref<Theme>((stored('theme') as Theme | null) ?? 'auto');
  const media = matchMedia('(prefers-color-scheme: dark)');
  const systemDark = ref(media.matches);
  media.addEventListener('change', (event) => (systemDark.value = event.matches));
  const dark = computed(() => theme.value === 'dark' || (theme.value === 'auto' && systemDark.value));

  watchEffect(() => {
    document.documentElement.dataset.theme = dark.value ? 'dark' : 'light';
    document.documentElement.lang = language.value === 'zh' ? 'zh-CN' : 'en';
    i18n.global.locale.value = language.value;
  });

  function setLanguage(next: Language): void {
    language.value = next;
    localStorage.setItem('tianqu.language', next);
  }
  function setTheme(next: Theme): void {
    theme.value = next;
    localStorage.setItem('tianqu.theme', next);
  }
  return { language, theme, dark, setLanguage, setTheme };
});
