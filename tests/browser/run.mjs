// The pages in a real browser, against a real server (TIANQU_URL, TIANQU_LINK: the one-time link it printed) or against
// the generated city of web/mock (TIANQU_MOCK=1). Pictures go to the folder TIANQU_PICTURES, if given.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { chromium } from 'playwright-core';

const pictures = process.env.TIANQU_PICTURES;
const browserPath = process.env.TIANQU_CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const results = [];
// The map is drawn by the processor where there is no graphics card; a busy machine is slow, not wrong.
const PATIENCE_MS = 60_000;
if (pictures) mkdirSync(pictures, { recursive: true });

async function startMock() {
  const program = new URL('../../web/mock/server.mjs', import.meta.url).pathname;
  const child = spawn(process.execPath, [program, '--port', process.env.TIANQU_MOCK_PORT ?? '8097', '--chargers', process.env.TIANQU_MOCK_CHARGERS ?? '2000'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const link = await new Promise((resolve, reject) => {
    child.stdout.once('data', (text) => resolve(String(text).trim()));
    child.once('exit', (code) => reject(new Error(`the mock ended with ${code}`)));
  });
  return { link, url: new URL(link).origin, stop: () => child.kill() };
}

class Failure extends Error {}
const check = (condition, text) => {
  if (!condition) throw new Failure(text);
};
async function until(what, condition, timeout = PATIENCE_MS) {
  const end = Date.now() + timeout;
  for (;;) {
    const value = await condition();
    if (value) return value;
    check(Date.now() < end, `${what}: not within ${timeout / 1000} s`);
    await new Promise((done) => setTimeout(done, 100));
  }
}
async function step(name, run) {
  const began = Date.now();
  try {
    const note = await run();
    results.push({ name, outcome: note?.skipped ? 'skipped' : 'passed' });
    console.log(`${note?.skipped ? 'skipped' : 'ok     '} ${name}${note?.skipped ? `: ${note.skipped}` : ''} (${Date.now() - began} ms)`);
  } catch (error) {
    results.push({ name, outcome: 'failed' });
    console.log(`FAILED  ${name}: ${error instanceof Failure ? error.message : error.stack}`);
  }
}

const server = process.env.TIANQU_MOCK ? await startMock() : { url: process.env.TIANQU_URL, link: process.env.TIANQU_LINK, stop: () => undefined };
if (!server.url || !server.link) {
  console.error('set TIANQU_URL and TIANQU_LINK, or TIANQU_MOCK=1');
  process.exit(2);
}
const browser = await chromium.launch({
  executablePath: browserPath,
  args: ['--no-sandbox', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--force-prefers-reduced-motion'],
});
// A zone that is not the city's: the page must show the city's time all the same.
const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'zh-CN', timezoneId: 'America/New_York' });
const page = await context.newPage();
page.setDefaultTimeout(PATIENCE_MS);
const complaints = [];
page.on('pageerror', (error) => complaints.push(String(error)));
page.on('console', (message) => {
  if (message.type() === 'error' && !/\b401\b/.test(message.text())) complaints.push(message.text());
});
const api = async (path, options = {}) => {
  const response = await context.request.fetch(`${server.url}/api/v1${path}`, { ...options, headers: { 'X-Tianqu': '1' } });
  return { status: response.status(), body: await response.json().catch(() => null) };
};
const open = (path) => page.goto(server.url + path, { waitUntil: 'domcontentloaded' });
const picture = async (name) => {
  if (pictures) await page.screenshot({ path: `${pictures}/${name}.png` });
};

await step('login by one-time link', async () => {
  await page.goto(server.link);
  await page.fill('input[name=name]', 'admin');
  check(!page.url().includes('#'), 'the token stays in the address bar');
  await page.fill('input[name=password]', 'correct horse battery');
  await page.fill('input[name=again]', 'correct horse battery');
  await picture('login');
  await page.click('button[type=submit]');
  await page.waitForURL(`${server.url}/`);
});
await step('a used link is refused in words', async () => {
  if (process.env.TIANQU_MOCK) return { skipped: 'the mock’s link works twice' };
  const other = await browser.newContext({ locale: 'en-GB' });
  const second = await other.newPage();
  await second.goto(server.link);
  await second.fill('input[name=name]', 'mallory');
  await second.fill('input[name=password]', 'password2');
  await second.fill('input[name=again]', 'password2');
  await second.click('button[type=submit]');
  await second.waitForSelector('[role=alert]');
  check(!(await second.locator('nav').count()), 'a used link logged in');
  await other.close();
  return undefined;
});
await step('the overview answers in a sentence with numbers', async () => {
  const sentence = await page.locator('[data-test=sentence]').textContent();
  check(/现在 [\d,]+ 台在充电/.test(sentence ?? ''), `sentence: ${sentence}`);
  await page.waitForSelector('.chart svg path');
  const overview = (await api('/overview')).body;
  const shown = await page.locator('.figures').textContent();
  check(/\d/.test(shown ?? ''), 'no figures');
  if (overview.simulated) check(await page.locator('.simulated').isVisible(), 'simulated data without its badge');
  await until('the numbers move or stay live', async () => (await page.locator('.clock b.number').textContent())?.match(/^\d\d:\d\d$/));
  await picture('overview-zh-light');
});
await step('the clock is the city’s', async () => {
  const overview = (await api('/overview')).body;
  const shown = (await page.locator('.clock b.number').textContent()) ?? '';
  const city = new Date(Date.parse(overview.now) + overview.city.utc_offset_minutes * 60_000);
  const minutes = Number(shown.slice(0, 2)) * 60 + Number(shown.slice(3, 5));
  const apart = Math.abs(city.getUTCHours() * 60 + city.getUTCMinutes() - minutes);
  check(Math.min(apart, 1440 - apart) <= Math.max(2, overview.speed / 15), `clock ${shown}, city ${city.toISOString()}`);
});
await step('language and appearance switch', async () => {
  await page.click('[data-test=language]');
  await until('English', async () => /charging now/.test((await page.locator('[data-test=sentence]').textContent()) ?? ''));
  await page.click('[data-test=theme]');
  await page.click('[data-test=theme]');
  check((await page.locator('html').getAttribute('data-theme')) === 'dark', 'not dark');
  await picture('overview-en-dark');
  await page.click('[data-test=theme]');
  await page.click('[data-test=language]');
  await until('Chinese', async () => /台在充电/.test((await page.locator('[data-test=sentence]').textContent()) ?? ''));
});
await step('the map draws', async () => {
  await open('/live');
  const map = page.locator('[data-test=map]');
  await map.waitFor();
  await until('the map is ready', async () => (await map.getAttribute('data-ready')) === 'yes');
  await page.waitForTimeout(1500);
  await picture('live-zh-light');
  // A screenshot of the map must not be of one colour: outlines from the graphics layer, rings from the overlay.
  const colours = async () => {
    const bytes = await page.locator('.map').screenshot();
    return page.evaluate(async (data) => {
      const image = new Image();
      image.src = `data:image/png;base64,${data}`;
      await image.decode();
      const canvas = document.createElement('canvas');
      canvas.width = image.width;
      canvas.height = image.height;
      const drawing = canvas.getContext('2d');
      drawing.drawImage(image, 0, 0);
      const seen = new Set();
      const pixels = drawing.getImageData(0, 0, canvas.width, canvas.height).data;
      for (let i = 0; i < pixels.length; i += 16) seen.add((pixels[i] << 16) | (pixels[i + 1] << 8) | pixels[i + 2]);
      return seen.size;
    }, bytes.toString('base64'));
  };
  check((await colours()) > 20, 'the map is blank');
  const first = page.locator('aside .list button').first();
  if (!(await first.count())) return { skipped: 'no stations to drill into' };
  await first.click();
  await until('a county in the address', async () => page.url().includes('county='));
  await page.waitForTimeout(800);
  await picture('live-county');
  await page.locator('aside .list button').first().click();
  await until('a station in the address', async () => page.url().includes('station='));
  await page.waitForSelector('aside .chargers button');
  await page.waitForTimeout(1200);
  check((await colours()) > 8, 'the station is blank');
  await picture('live-station');
  return undefined;
});
await step('search finds a charger', async () => {
  await open('/');
  await page.waitForSelector('[data-test=sentence]');
  const charger = (await api('/chargers?limit=1')).body.chargers[0];
  check(charger, 'no chargers');
  await page.keyboard.press('Control+k');
  await page.fill('input[name=search]', charger.id);
  await page.waitForSelector('[role=option]');
  await page.keyboard.press('Enter');
  await page.waitForURL(`${server.url}/chargers/${encodeURIComponent(charger.id)}`);
  await until('its page', async () => (await page.locator('main').textContent())?.includes(charger.id));
});
await step('a held charger is approved', async () => {
  const held = (await api('/chargers?registration=held&limit=1')).body.chargers[0];
  if (!held) return { skipped: 'no charger is held' };
  await open('/chargers?registration=held');
  await page.locator('tbody tr').first().click();
  await page.locator('[data-test=approve]').click();
  await page.fill('input[name=reason]', '现场核对过');
  const station = page.locator('input[name=picked]').first();
  await station.waitFor({ timeout: 3000 }).catch(() => undefined);
  if (await station.count()) await station.check();
  await picture('approve');
  await page.locator('dialog form button[type=submit].primary').last().click();
  const id = held.id;
  await until('approval', async () => (await api(`/chargers/${encodeURIComponent(id)}`)).body.registration === 'approved');
  await until('approval on the page', async () => /已批准/.test((await page.locator('[data-test=registration]').textContent()) ?? ''));
  return undefined;
});
await step('a command shows the charger’s answer', async () => {
  const online = (await api('/chargers?limit=50')).body.chargers.find((each) => each.online);
  if (!online) return { skipped: 'no charger is online' };
  await open(`/chargers/${encodeURIComponent(online.id)}`);
  await page.locator('select[name=action]').selectOption('GetConfiguration');
  await page.click('[data-test=send]');
  await page.waitForSelector('output.answer', { timeout: 30_000 });
  await picture('charger');
  return undefined;
});
await step('a target is set on a session', async () => {
  const sessions = (await api('/sessions?active=true&limit=20')).body.sessions;
  if (!sessions.length) return { skipped: 'no session is active' };
  for (const session of sessions.slice(0, 5)) {
    await open(`/sessions/${session.id}`);
    const button = page.locator('[data-test=set-target]');
    await button.waitFor();
    await page.waitForSelector('.chart svg');
    check(((await page.locator('[data-test=why]').textContent()) ?? '').length > 4, 'no sentence why');
    await button.click();
    await page.fill('input[name=energy]', '21.5');
    await page.locator('dialog form button[type=submit]').click();
    const reached = await until('the new target', async () => (await api(`/sessions/${session.id}`)).body.target_wh === 21_500, 8000).catch(() => false);
    if (!reached) continue;
    await page.locator('dialog').waitFor({ state: 'detached' });
    await picture('session');
    return undefined;
  }
  throw new Failure('no session took the target');
});
await step('a temporary limit is set and cleared', async () => {
  const feeder = (await api('/nodes?kind=feeder&limit=1')).body.nodes[0] ?? (await api('/nodes?limit=1')).body.nodes[0];
  await open(`/network/${encodeURIComponent(feeder.id)}`);
  await page.click('[data-test=temporary]');
  await page.fill('input[name=limit]', String(Math.max(1, Math.floor(feeder.limit_w / 2000))));
  await page.fill('input[name=reason]', '检修');
  await page.locator('dialog form button[type=submit]').click();
  await until('the limit', async () => (await api(`/nodes/${encodeURIComponent(feeder.id)}`)).body.temporary_limit);
  await page.waitForTimeout(500);
  await picture('network');
  const clear = page.locator('main button', { hasText: '取消临时限值' });
  await clear.click();
  await page.locator('dialog form button[type=submit]').click();
  await until('no limit', async () => !(await api(`/nodes/${encodeURIComponent(feeder.id)}`)).body.temporary_limit);
});
await step('every page answers, wide and narrow, and none scrolls sideways', async () => {
  const session = (await api('/sessions?limit=1')).body.sessions[0];
  const charger = (await api('/chargers?limit=1')).body.chargers[0];
  const paths = ['/', '/live', '/network', '/chargers', `/chargers/${encodeURIComponent(charger?.id ?? '')}`, '/sessions', session ? `/sessions/${session.id}` : '', '/dispatch', '/alarms', '/tariff', '/users', '/audit', '/nowhere'].filter(Boolean);
  for (const width of [1440, 390]) {
    await page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
    for (const path of paths) {
      if (process.env.TIANQU_VERBOSE) console.log(`        ${width} ${path} ${Date.now() % 1e6}`);
      await open(path);
      await page.waitForSelector('main#main > *');
      await page.waitForTimeout(250);
      const extra = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      check(extra <= 0, `${path} at ${width} px is ${extra} px too wide`);
      const name = path.split('/')[1] || 'overview';
const alerts = await page.locator('main [role=alert]').allTextContents();
      check(!alerts.length, `${path}: ${alerts[0]}`);
      await picture(`${name}${path.split('/').length > 2 ? '-one' : ''}-${width}`);
    }
  }
  await page.setViewportSize({ width: 1440, height: 900 });
});
await step('nothing complained in the browser’s console', async () => check(!complaints.length, complaints.slice(0, 3).join(' | ')));
await step('after logging out the pages are closed', async () => {
  await open('/');
  await page.locator('.user summary').click();
  await page.locator('.user button').click();
  await page.waitForURL(/\/login/);
  check((await api('/overview')).status === 401, 'still open');
});

await browser.close();
server.stop();
const failed = results.filter((each) => each.outcome === 'failed').length;
const skipped = results.filter((each) => each.outcome === 'skipped').length;
console.log(`${results.length - failed - skipped} passed, ${failed} failed, ${skipped} skipped`);
process.exit(failed ? 1 : 0);
