import { describe, expect, it } from 'vitest';
import { STATES, STATE_LETTERS, placeOf } from '@/api/words';
import { urlWith } from '@/api/client';
import { en } from '@/i18n/en';
import { zh } from '@/i18n/zh';
import { COMMANDS } from '@/parts/commands';
import { MENU } from '@/parts/menu';

function flat(tree: object, prefix = ''): Map<string, string> {
  const result = new Map<string, string>();
  for (const [name, value] of Object.entries(tree)) {
    if (typeof value === 'string') result.set(prefix + name, value);
    else for (const [key, text] of flat(value as object, `${prefix}${name}.`)) result.set(key, text);
  }
  return result;
}
const chinese = flat(zh);
const english = flat(en);
const holes = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '').sort();
const sources = Object.entries(import.meta.glob<string>('../src/**/*.{vue,ts}', { query: '?raw', import: 'default', eager: true })).filter(([path]) => !path.includes('/i18n/'));

describe('the two languages', () => {
  it('have the same keys', () => {
    expect([...english.keys()].sort()).toEqual([...chinese.keys()].sort());
  });
  it('leave room for the same values', () => {
    for (const [key, text] of chinese) expect([key, holes(english.get(key) ?? '')]).toEqual([key, holes(text)]);
  });
  it('leave nothing empty, and Chinese is Chinese', () => {
    for (const [key, text] of [...chinese, ...english]) if (key !== 'sentence.join') expect([key, text.trim()]).not.toEqual([key, '']);
    const allowed = new Set(['shell.language', 'unit.price', 'table.ofTotal', 'session.ofTarget', 'sentence.join']);
    for (const [key, text] of chinese) if (!allowed.has(key)) expect([key, /[\u4e00-\u9fff]/.test(text)]).toEqual([key, true]);
    for (const [key, text] of english) if (key !== 'shell.language') expect([key, /[\u4e00-\u9fff]/.test(text)]).toEqual([key, false]);
  });
  it('have every key that a page names outright', () => {
    const used = sources.flatMap(([, text]) => [...text.matchAll(/\bt\('([a-zA-Z0-9_.]+)'/g)].map((match) => match[1] ?? ''));
    expect(used.length).toBeGreaterThan(150);
    for (const key of used) expect([key, chinese.has(key)]).toEqual([key, true]);
  });
  it('have a word for every state, command and menu place', () => {
    for (const state of STATES) expect(chinese.has(`state.${state}`)).toBe(true);
    for (const command of COMMANDS) expect(chinese.has(`command.name.${command.action}`)).toBe(true);
    for (const group of MENU) for (const place of group.places) expect(chinese.has(`menu.${place.name}`)).toBe(true);
  });
});

describe('addresses', () => {
  it('leave unset fields out and escape the rest', () => {
    expect(urlWith('/chargers', { state: '', q: 'a b&c', limit: 50, node: null, active: false })).toBe('/chargers?q=a+b%26c&limit=50&active=false');
    expect(urlWith('/me')).toBe('/me');
  });
  it('lead from a hit to its page, and nowhere for an unknown kind', () => {
    expect(placeOf('charger', 'A/1')).toBe('/chargers/A%2F1');
    expect(placeOf('session', 7)).toBe('/sessions/7');
    expect(placeOf('moon', 1)).toBeNull();
  });
  it('have as many letters as states', () => expect(STATE_LETTERS.length).toBe(STATES.length));
});
