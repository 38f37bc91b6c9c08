// Development only: serves the API of docs/api.md with a generated city, and the built pages if there are any.
//   node mock/server.mjs [--chargers 2000] [--port 8080] [--speed 60] [--pages dist]
import { createServer } from 'node:http';
import { existsSync, readFileSync } from 'node:fs';
import { extname, join, normalize } from 'node:path';
import { MockCity, NAMES, OFFSET, bandAt, outlines, priceOf } from './data.mjs';

const option = (name, fallback) => { const at = process.argv.indexOf(`--${name}`); return at < 0 ? fallback : process.argv[at + 1]; };
const city = new MockCity(Number(option('chargers', 2000)), Number(option('speed', 60)));
const pages = option('pages', new URL('../dist', import.meta.url).pathname);
const counties = outlines();
const listeners = new Set();
let loggedIn = new Set();
const TOKEN = 'mock-one-time-token';
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.mjs': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };

const fail = (status, code, zh, en, fields) => { throw { status, body: { error: { code, text_zh: zh, text_en: en, fields: fields ?? {} } } }; };
const missing = (id) => fail(404, 'not_found', `没有 ${id}`, `There is no ${id}`);
const send = (kind, data) => { for (const response of listeners) response.write(`event: ${kind}\ndata: ${JSON.stringify(data)}\n\n`); };
const page = (rows, query, key, limit) => {
  const after = query.get('after');
  const from = after ? rows.findIndex((row) => String(key(row)) === after) + 1 : 0;
  const part = rows.slice(from, from + limit);
  return { part, next: from + limit < rows.length ? String(key(part[part.length - 1])) : null };
};

const routes = [
  ['GET', /^\/me$/, () => ({ user: city.users[0] })],
  ['POST', /^\/logout$/, (_, __, ___, request) => { loggedIn.delete(cookie(request)); return {}; }],
  ['GET', /^\/users$/, () => ({ users: city.users })],
  ['POST', /^\/users$/, (_, __, body) => { city.users.push({ name: body.name, role: body.role }); city.log('admin', 'user_set', '', body.name); return body.api_key ? { name: body.name, api_key: 'mock-key-shown-once' } : { name: body.name, one_time_token: 'mock-second-token' }; }],
  ['GET', /^\/overview$/, () => city.overview()],
  ['GET', /^\/nodes$/, (_, query) => {
    const q = query.get('q');
    let rows = city.nodes;
    if (query.get('kind')) rows = rows.filter((node) => node.kind === query.get('kind'));
    if (query.get('parent')) rows = rows.filter((node) => node.parent === query.get('parent'));
    if (q) rows = rows.filter((node) => (node.name_zh + node.name_en + node.id).includes(q));
    const { part, next } = page(rows, query, (node) => node.id, Number(query.get('limit') ?? 100));
    return { nodes: part.map((node) => city.nodeJson(node)), next };
  }],
  ['GET', /^\/nodes\/([^/]+)$/, ([id]) => city.nodeJson(city.byNode.get(id) ?? missing(id))],
  ['PUT', /^\/nodes\/([^/]+)$/, ([id], _, body) => { const node = city.byNode.get(id) ?? missing(id); node.limit_w = body.limit_w; city.log('admin', 'node_set', body.reason, id); return city.nodeJson(node); }],
  ['GET', /^\/nodes\/([^/]+)\/curve$/, ([id], query) => city.curve(city.byNode.get(id) ?? missing(id), query.get('date') ?? new Date(city.now() + OFFSET * 60_000).toISOString().slice(0, 10))],
  ['PUT', /^\/nodes\/([^/]+)\/temporary-limit$/, ([id], _, body) => { if (!(body.limit_w >= 0)) fail(400, 'invalid_input', '限值不是数', 'The limit is no number', { field: 'limit_w', value: String(body.limit_w), expected: 'watts ≥ 0' }); city.temporary.set(id, body); city.log('admin', 'temporary_limit_set', body.reason, id); return city.nodeJson(city.byNode.get(id)); }],
  ['DELETE', /^\/nodes\/([^/]+)\/temporary-limit$/, ([id]) => { city.temporary.delete(id); city.log('admin', 'temporary_limit_cleared', '', id); return city.nodeJson(city.byNode.get(id)); }],
  ['GET', /^\/chargers$/, (_, query) => {
    const under = query.get('node'), q = query.get('q')?.toLowerCase();
    let rows = city.chargers;
    if (query.get('state')) rows = rows.filter((charger) => NAMES[charger.letter] === query.get('state'));
    if (query.get('registration')) rows = rows.filter((charger) => charger.registration === query.get('registration'));
    if (query.get('county')) rows = rows.filter((charger) => charger.county === query.get('county'));
    if (under) rows = rows.filter((charger) => { for (let node = charger.station; node; node = city.byNode.get(node.parent)) if (node.id === under) return true; return false; });
    if (q) rows = rows.filter((charger) => charger.id.toLowerCase().includes(q) || charger.name?.includes(q));
    const { part, next } = page(rows, query, (charger) => charger.id, Number(query.get('limit') ?? 50));
    return { chargers: part.map((charger) => city.chargerJson(charger)), next, total: rows.length };
  }],
  ['GET', /^\/chargers\/([^/]+)$/, ([id]) => city.chargerJson(city.byId.get(id) ?? missing(id))],
  ['POST', /^\/chargers\/([^/]+)\/registration$/, ([id], _, body) => { const charger = city.byId.get(id) ?? missing(id); charger.registration = body.registration; city.log('admin', 'registration_set', body.reason, id); send('charger', { id, state: NAMES[charger.letter] }); return city.chargerJson(charger); }],
  ['PUT', /^\/chargers\/([^/]+)\/site$/, ([id], _, body) => { const charger = city.byId.get(id) ?? missing(id); charger.station = city.byNode.get(body.station) ?? missing(body.station); city.log('admin', 'charger_placed', body.reason, id); return city.chargerJson(charger); }],
  ['POST', /^\/chargers\/([^/]+)\/commands\/([^/]+)$/, async ([id, action], _, body) => { await new Promise((done) => setTimeout(done, 400)); city.log('admin', 'command_requested', '', id); return { command: `m-${Date.now()}`, outcome: action === 'Reset' ? 'rejected' : 'accepted', status: action === 'Reset' ? 'Rejected' : 'Accepted', answer: { status: action === 'Reset' ? 'Rejected' : 'Accepted', echo: body } }; }],
  ['GET', /^\/sessions$/, (_, query) => {
    let rows = city.sessions;
    if (query.get('charger')) rows = rows.filter((session) => session.charger.id === query.get('charger'));
    const q = query.get('q');
    if (q) rows = rows.filter((session) => String(session.id) === q || session.charger.id.includes(q));
    if (query.get('active') === 'false') rows = [];
    const { part, next } = page(rows, query, (session) => session.id, Number(query.get('limit') ?? 50));
    return { sessions: part.map((session) => city.sessionJson(session)), next, total: rows.length };
  }],
  ['GET', /^\/sessions\/(\d+)$/, ([id]) => city.sessionJson(city.sessions[id - 1] ?? missing(id))],
  ['GET', /^\/sessions\/(\d+)\/curve$/, ([id]) => city.sessionCurve(city.sessions[id - 1] ?? missing(id))],
  ['POST', /^\/sessions\/(\d+)\/target$/, ([id], _, body) => {
    const session = city.sessions[id - 1] ?? missing(id);
    if (body.charge_now) session.charge_now = true;
    else Object.assign(session, { charge_now: false, target: body.energy_wh ?? session.target, departure: body.departure ? Date.parse(body.departure) : session.departure, by_default: false });
    city.log('admin', 'session_target_set', '', id);
    send('session', { id: Number(id) });
    return city.sessionJson(session);
  }],
  ['GET', /^\/plan$/, () => {
    const start = Math.floor(city.now() / 900_000) * 900_000;
    return { made: new Date(city.now() - 20_000).toISOString(), slot_ms: 900_000, start: new Date(start).toISOString(), overloaded_nodes: [], sessions: city.sessions.slice(0, 3000).map((session) => { const json = city.sessionJson(session); return { session: session.id, reason: json.shortfall_wh ? 'short_of_power' : json.why.reason, node: json.why.node, until: json.why.until, shortfall_wh: json.shortfall_wh, powers_w: city.sessionCurve(session).slots.map((slot) => slot.planned_w) }; }) };
  }],
  ['GET', /^\/tariff\/day$/, (_, query) => {
    const date = query.get('date') ?? '2026-11-23', first = Date.parse(`${date}T00:00:00Z`) - OFFSET * 60_000, bands = [];
    for (let hour = 0; hour < 24; hour++) {
      const at = first + hour * 3600_000, band = bandAt(at), last = bands[bands.length - 1];
      if (last?.band === band) last.until = new Date(at + 3600_000).toISOString();
      else bands.push({ band, from: new Date(at).toISOString(), until: new Date(at + 3600_000).toISOString(), price: priceOf(band), derivation_zh: `浮动部分 0.5014 × ${band === 'S' ? '2.0' : '1.0'} + 固定部分 0.1330`, derivation_en: `floating 0.5014 × ${band === 'S' ? '2.0' : '1.0'} + fixed 0.1330` });
    }
    return { date, scheme: '工商业(含电动汽车充换电)', status: 'example', source: '由公开价格表推得的示例，非正式报价', bands };
  }],
  ['POST', /^\/tariff\/base-price$/, (_, __, body) => { city.log('admin', 'base_price_set', body.reason); return {}; }],
  ['GET', /^\/alarms$/, () => ({ alarms: city.alarms })],
  ['GET', /^\/audit$/, (_, query) => { const { part, next } = page(city.audit, query, (row) => row.sequence, Number(query.get('limit') ?? 50)); return { audit: part, next }; }],
  ['GET', /^\/search$/, (_, query) => {
    const q = (query.get('q') ?? '').toLowerCase(), hits = [];
    if (q) for (const charger of city.chargers) { if (hits.length >= 8) break; if (charger.id.toLowerCase().includes(q) || charger.name?.includes(q)) hits.push({ kind: 'charger', id: charger.id, title_zh: `${charger.id} ${charger.name ?? ''}`, title_en: `${charger.id} ${charger.station?.name_en ?? ''}` }); }
    for (const node of city.nodes) { if (hits.length >= 16) break; if (q && (node.name_zh + node.name_en.toLowerCase()).includes(q)) hits.push({ kind: 'node', id: node.id, title_zh: node.name_zh, title_en: node.name_en }); }
    if (/^\d+$/.test(q) && city.sessions[q - 1]) hits.unshift({ kind: 'session', id: q, title_zh: `会话 ${q}`, title_en: `Session ${q}` });
    return { hits };
  }],
  ['GET', /^\/map\/counties$/, () => counties],
  ['GET', /^\/map\/points$/, () => { const placed = city.chargers.filter((charger) => charger.station); return { version: city.version, ids: placed.map((c) => c.id), lon: placed.map((c) => c.lon), lat: placed.map((c) => c.lat), states: city.states() }; }],
  ['GET', /^\/map\/states$/, () => ({ version: city.version, states: city.states() })],
  ['GET', /^\/map\/stations$/, () => ({ stations: city.nodes.filter((node) => node.kind === 'station').map((node) => ({ id: node.id, name_zh: node.name_zh, name_en: node.name_en, kind: node.use, lon: node.lon, lat: node.lat, county: node.county, chargers: node.chargers })) })],
];

const cookie = (request) => /tianqu=([^;]+)/.exec(request.headers.cookie ?? '')?.[1];

async function answer(request, response, path, query) {
  let text = '';
  for await (const chunk of request) text += chunk;
  const body = text ? JSON.parse(text) : {};
  if (path === '/login') {
    const known = city.users[0].password;
    if (body.one_time_token !== undefined ? body.one_time_token !== TOKEN : body.name !== city.users[0].name || body.password !== known) fail(401, 'unauthorized', body.one_time_token ? '链接已用过或已失效' : '用户名或密码不对', body.one_time_token ? 'The link was used before or has expired' : 'The name or password is wrong');
    if (body.one_time_token) Object.assign(city.users[0], { name: body.name, password: body.password });
    const key = Math.random().toString(36).slice(2);
    loggedIn.add(key);
    response.setHeader('Set-Cookie', `tianqu=${key}; Path=/; HttpOnly; SameSite=Strict`);
    return { user: { name: city.users[0].name, role: 'administrator' } };
  }
  if (!loggedIn.has(cookie(request))) fail(401, 'unauthorized', '请先登录', 'Log in first');
  if (request.method !== 'GET' && request.headers['x-tianqu'] !== '1') fail(403, 'forbidden', '缺少 X-Tianqu', 'X-Tianqu is missing');
  for (const [method, pattern, handle] of routes) {
    const match = method === request.method && pattern.exec(path);
    if (match) return handle(match.slice(1).map(decodeURIComponent), query, body, request);
  }
  return fail(404, 'not_found', `没有 ${path}`, `There is no ${path}`);
}

function serveFile(response, path) {
  const wanted = join(pages, normalize(path));
  const file = extname(wanted) && existsSync(wanted) ? wanted : join(pages, 'index.html');
  if (!existsSync(file)) { response.writeHead(404).end('no pages built: npm run build'); return; }
  response.writeHead(200, { 'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream' }).end(readFileSync(file));
}

createServer(async (request, response) => {
  const url = new URL(request.url, 'http://mock');
  if (!url.pathname.startsWith('/api/v1')) return serveFile(response, url.pathname);
  const path = url.pathname.slice(7);
  if (path === '/events') {
    if (!loggedIn.has(cookie(request))) { response.writeHead(401).end(); return undefined; }
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    response.write(': ok\n\n');
    listeners.add(response);
    request.on('close', () => listeners.delete(response));
    return undefined;
  }
  try {
    const result = await answer(request, response, path, url.searchParams);
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify(result));
  } catch (failure) {
    const known = failure?.status ? failure : { status: 500, body: { error: { code: 'internal', text_zh: '内部错误', text_en: String(failure) } } };
    response.writeHead(known.status, { 'Content-Type': 'application/json' }).end(JSON.stringify(known.body));
  }
  return undefined;
}).listen(Number(option('port', 8080)), '127.0.0.1', () => console.log(`http://127.0.0.1:${option('port', 8080)}/welcome#${TOKEN}`));

setInterval(() => {
  send('overview', city.overview());
  for (const change of city.step(0.002)) send('charger', change);
}, 1000).unref?.();
