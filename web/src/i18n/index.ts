import { createI18n } from 'vue-i18n';
import { en } from './en';
import { zh } from './zh';

export type Language = 'zh' | 'en';

export const i18n = createI18n({ legacy: false, locale: 'zh', fallbackLocale: 'en', messages: { zh, en }, missingWarn: false, fallbackWarn: false });
