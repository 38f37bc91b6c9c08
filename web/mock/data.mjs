// A generated city for developing and testing the pages alone. Nothing here is measured, and nothing here is in the product.
import { existsSync, readFileSync } from 'node:fs';

export const SLOT = 900_000;
const OFFSET = 480;
const STATES = 'focdrx-?';
const NAMES = { f: 'free', o: 'occupied', c: 'charging', d: 'discharging', r: 'reserved', x: 'fault', '-': 'offline', '?': 'unknown' };
const COUNTIES = [
  ['371402', '德城区', 'Decheng', 116.3, 37.45, 101], ['371403', '陵城区', 'Lingcheng', 116.58, 37.34, 48],
  ['371422', '宁津县', 'Ningjin', 116.8, 37.65, 44], ['371423', '庆云县', 'Qingyun', 117.39, 37.78, 31],
  ['371424', '临邑县', 'Linyi', 116.87, 37.19, 50], ['371425', '齐河县', 'Qihe', 116.76, 36.79, 60],
  ['371426', '平原县', 'Pingyuan', 116.43, 37.17, 42], ['371427', '夏津县', 'Xiajin', 116.0, 36.95, 48],
  ['371428', '武城县', 'Wucheng', 116.07, 37.21, 36], ['371481', '乐陵市', 'Laoling', 117.22, 37.73, 62],
  ['371482', '禹城市', 'Yucheng', 116.64, 36.93, 49], ['371471', '德州天衢新区', 'Tianqu New Area', 116.39, 37.42, 27],
];

export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export function outlines() {
  for (const name of ['../../cities/dezhou/counties.geojson', '../../../shared/data/dezhou/dezhou_counties.geojson']) {
    const url = new URL(name, import.meta.url);
    if (!existsSync(url)) continue;
    const collection = JSON.parse(readFileSync(url, 'utf8'));
    for (const feature of collection.features) {
      const county = COUNTIES.find((row) => row[0] === feature.properties.code);
      feature.properties = { code: feature.properties.code, name_zh: county?.[1] ?? '', name_en: county?.[2] ?? '' };
    }
    return collection;
  }
  const box = ([code, zh, en, lon, lat]) => ({
    type: 'Feature', properties: { code, name_zh: zh, name_en: en },
    geometry: { type: 'Polygon', coordinates: [[[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]].map(([x, y]) => [lon + x * 0.12, lat + y * 0.1])] },
  });
  return { type: 'FeatureCollection', features: COUNTIES.map(box) };
}

const HOURS = 'FFFFFFFFFFVDDDVFPSSPPFFF';
const PRICE = { S: '1.1358', P: '0.9854', F: '0.6851', V: '0.3342', D: '0.1831' };
export const bandAt = (ms) => HOURS[new Date(ms + OFFSET * 60_000).getUTCHours()];
export const priceOf = (band) => PRICE[band];
const iso = (ms) => new Date(ms).toISOString();

export class MockCity {
  constructor(total, speed) {
    this.speed = speed;
    this.random = random(1);
    this.started = Date.now();
    this.origin = Date.parse('2026-11-23T10:30:00Z');
    this.version = 1;
    this.nodes = [];
    this.chargers = [];
    this.sessions = [];
    this.audit = [];
    this.users = [{ name: 'admin', role: 'administrator' }];
    this.temporary = new Map();
    this.build(total);
    this.alarms = [
      { id: 'shortfall-12', raised: iso(this.now() - 540_000), cleared: null, kind: 'shortfall', node: 'tr-371402-1-1', charger: '', text_zh: '会话 12 到出发时预计少充 2.40 kWh：湖滨路 3 号变压器已满载。', text_en: 'Session 12 will leave 2.40 kWh short: transformer Hubin Road 3 is full.' },
      { id: 'fault-4', raised: iso(this.now() - 2_400_000), cleared: null, kind: 'charger_fault', node: '', text_zh: `充电桩 ${this.chargers[3].id} 报告接地故障，已停用。`, text_en: `Charger ${this.chargers[3].id} reports a ground fault and is out of service.`, charger: this.chargers[3].id },
    ];
    this.log('system', 'plan_adopted', '');
  }
  now() { return this.origin + (Date.now() - this.started) * this.speed; }
  log(who, action, reason, subject = '') {
    this.audit.unshift({ sequence: this.audit.length + 1, at: iso(this.now()), who: `user:${who}`, what: action, why: reason ?? '', body: { subject } });
  }
  node(id, parent, kind, zh, en, limit, rest = {}) {
    const made = { id, parent, kind, name_zh: zh, name_en: en, limit_w: limit, chargers: 0, county: null, lon: null, lat: null, synthetic: true, share: 0.4 + this.random() * 0.45, ...rest };
    this.nodes.push(made);
    return made;
  }
  build(total) {
    const r = this.random;
    const people = COUNTIES.reduce((sum, row) => sum + row[5], 0);
    this.city = this.node('dezhou', null, 'city', '德州市', 'Dezhou', total * 4200 + 9_000_000, { share: 0.66 });
    for (const [code, zh, en, lon, lat, pop] of COUNTIES) {
      const wanted = Math.round((total * pop) / people);
      const substation = this.node(`sub-${code}`, 'dezhou', 'substation', `${zh}变电站`, `${en} substation`, wanted * 5200, { county: code, lon, lat });
      let made = 0;
      for (let f = 1; made < wanted; f++) {
        const feeder = this.node(`fd-${code}-${f}`, substation.id, 'feeder', `${zh} ${f} 号馈线`, `${en} feeder ${f}`, 3_000_000, { county: code });
        for (let t = 1; t <= 6 && made < wanted; t++) {
          const angle = r() * 6.283, far = Math.sqrt(-2 * Math.log(1 - r())) * 0.05;
          const transformer = this.node(`tr-${code}-${f}-${t}`, feeder.id, 'transformer', `${zh} ${f}-${t} 号变压器`, `${en} transformer ${f}-${t}`, 630_000, { county: code });
          const residential = r() < 0.8;
          const place = residential ? ['家园小区', 'Jiayuan estate'] : ['公共充电站', 'public station'];
          const station = this.node(`st-${code}-${f}-${t}`, transformer.id, 'station', `${zh}${place[0]} ${f}-${t}`, `${en} ${place[1]} ${f}-${t}`, 400_000, {
            county: code, lon: lon + Math.cos(angle) * far, lat: lat + Math.sin(angle) * far * 0.8, use: residential ? 'residential' : 'public_site',
          });
          const size = Math.min(wanted - made, 6 + Math.floor(r() * 40));
          for (let c = 0; c < size; c++) this.charger(station, code, c, residential);
          made += size;
          for (const above of [station, transformer, feeder, substation, this.city]) above.chargers += size;
        }
      }
    }
    for (let h = 0; h < 2; h++) this.chargers.push({ ...this.chargers[h], id: `NEW-00${h + 1}`, name: null, registration: 'held', station: null, letter: 'f', county: null, lon: null, lat: null });
    this.byId = new Map(this.chargers.map((charger) => [charger.id, charger]));
    this.byNode = new Map(this.nodes.map((node) => [node.id, node]));
  }
  charger(station, county, number, residential) {
    const dice = this.random();
    const letter = dice < 0.70 ? 'f' : dice < 0.74 ? 'o' : dice < 0.976 ? 'c' : dice < 0.981 ? 'd' : dice < 0.985 ? 'r' : dice < 0.99 ? 'x' : dice < 0.998 ? '-' : '?';
    const index = this.chargers.length;
    const maximum = residential ? 7000 : 60000;
    const made = { id: `DZ${String(index + 1).padStart(6, '0')}`, index, name: `${station.name_zh} ${number + 1} 号桩`, registration: 'approved', letter, maximum, station, county, lon: station.lon, lat: station.lat, session: null };
    this.chargers.push(made);
    if (letter === 'c' || letter === 'o') this.session(made);
  }
  session(charger) {
    const began = this.origin - Math.floor(this.random() * 4 * 3600_000);
    const target = charger.maximum === 7000 ? 12000 + Math.floor(this.random() * 26000) : 30000 + Math.floor(this.random() * 30000);
    charger.session = this.sessions.length + 1;
    this.sessions.push({ id: charger.session, charger, began, target, departure: this.origin + (4 + this.random() * 10) * 3600_000, waiting: this.random() < 0.35, charge_now: false, by_default: this.random() < 0.5 });
  }
  powerOf(session) {
    if (session.charge_now) return session.charger.maximum;
    if (session.charger.letter !== 'c') return 0;
    return session.waiting ? 0 : Math.round(session.charger.maximum * (0.5 + (session.id % 5) / 10));
  }
  sessionJson(session) {
    const now = this.now(), power = this.powerOf(session);
    const energy = Math.min(session.target, Math.round(session.target * 0.2 + ((now - session.began) / 3600_000) * power * 0.4));
    return {
      id: session.id, charger: session.charger.id, connector: 1, token: `A1B2${String(session.id).padStart(4, '0')}`, started: iso(session.began), claimed_start: iso(session.began - 2000), received_start: iso(session.began + 300), ended: null, end_reason: '',
      energy_wh: energy, target_wh: session.target, departure: iso(session.departure), charge_now: session.charge_now, target_by_default: session.by_default, power_w: power, permitted_w: power ? power + 100 : 0, shortfall_wh: session.id % 97 === 12 ? 2400 : 0,
      cost: (energy / 1000 * 0.41).toFixed(2), uncontrolled_cost: (energy / 1000 * 0.93).toFixed(2), flags: [],
      why: session.waiting && !session.charge_now
        ? { reason: 'cheaper_later', node: null, until: iso(this.origin + 2.5 * 3600_000), text_zh: '21:00 起电价更低（平段 0.69 元/度），预计 03:10 充满，比现在充省 6.20 元。', text_en: 'From 21:00 on power is cheaper (flat, 0.69 yuan/kWh). Expected full at 03:10, saving 6.20 yuan against charging now.' }
        : { reason: session.charge_now ? 'charging' : 'limited_by_node', node: session.charger.station.parent, until: null, text_zh: session.charge_now ? '按“立即充电”以最大功率充电。' : '正在充电；所在变压器接近满载，功率与同变压器的 12 台车分享。', text_en: session.charge_now ? 'Charging at full power as asked.' : 'Charging; its transformer is nearly full, so power is shared with 12 other cars.' },
    };
  }
  chargerJson(charger) {
    const session = charger.session ? this.sessions[charger.session - 1] : null;
    const power = session ? this.powerOf(session) : 0;
    const path = [];
    for (let node = charger.station; node; node = this.byNode.get(node.parent)) path.push({ id: node.id, kind: node.kind, name_zh: node.name_zh, name_en: node.name_en });
    const state = NAMES[charger.letter];
    return {
      id: charger.id, name: charger.name, registration: charger.registration, online: charger.letter !== '-', state, vendor: 'Sample Works', model: charger.maximum === 7000 ? 'AC-7' : 'DC-60', serial: `SN${charger.id}`, firmware: '1.4.2', address: '127.0.0.1',
      booted: iso(this.origin - 86_400_000), last_seen: iso(this.now() - (charger.letter === '-' ? 5_400_000 : 12_000)),
      station: charger.station ? { id: charger.station.id, kind: charger.station.use, name_zh: charger.station.name_zh, name_en: charger.station.name_en } : null,
      county: charger.county, lon: charger.lon, lat: charger.lat, path: path.reverse(),
      connectors: [{ number: 1, state, status: state, error_code: charger.letter === 'x' ? 'GroundFailure' : '', maximum_w: charger.maximum, permitted_w: session ? power + 100 : charger.maximum, measured_w: power, session: charger.session }],
    };
  }
  baseShare(ms) {
    const hour = ((ms / 3600_000 + OFFSET / 60) % 24 + 24) % 24;
    return 0.52 + 0.2 * Math.exp(-(((hour - 19.5) / 2.6) ** 2)) + 0.12 * Math.exp(-(((hour - 11.5) / 3) ** 2)) - 0.12 * Math.exp(-(((hour - 3.5) / 3) ** 2));
  }
  charging(ms, limit) {
    const hour = ((ms / 3600_000 + OFFSET / 60) % 24 + 24) % 24;
    const valley = Math.exp(-(((hour - 12.4) / 1.4) ** 2)) + Math.exp(-(((hour - 1.5) / 3.2) ** 2)) + Math.exp(-(((hour - 25.5) / 3.2) ** 2));
    return { orderly: limit * (0.05 + 0.2 * Math.min(1, valley)), uncontrolled: limit * (0.03 + 0.4 * Math.exp(-(((hour - 19) / 2.2) ** 2)) + 0.05 * Math.exp(-(((hour - 9) / 2) ** 2))) };
  }
  limitOf(node) { return this.temporary.get(node.id)?.limit_w ?? node.limit_w; }
  nodeJson(node) {
    const now = this.now(), limit = this.limitOf(node);
    const base = Math.round(node.limit_w * this.baseShare(now) * node.share / 0.66), charging = Math.round(this.charging(now, node.limit_w).orderly);
    return { id: node.id, parent: node.parent, kind: node.kind, name_zh: node.name_zh, name_en: node.name_en, limit_w: node.limit_w, temporary_limit: this.temporary.get(node.id) ?? null, base_w: base, charging_w: charging, permitted_w: Math.round(charging * 1.06), load_permille: Math.round(((base + charging) / limit) * 1000), chargers: node.chargers, lon: node.lon, lat: node.lat, county: node.county, synthetic: true };
  }
  curve(node, date) {
    const first = Date.parse(`${date}T00:00:00Z`) - OFFSET * 60_000, nowSlot = Math.floor((this.now() - first) / SLOT);
    const slots = Array.from({ length: 96 }, (_, index) => {
      const at = first + index * SLOT, band = bandAt(at), { orderly, uncontrolled } = this.charging(at, node.limit_w);
      const wobble = 1 + 0.04 * Math.sin(index * 1.7);
      return { start: iso(at), band, price: PRICE[band], limit_w: this.limitOf(node), base_w: Math.round(node.limit_w * this.baseShare(at) * node.share / 0.66), measured_w: index <= nowSlot ? Math.round(orderly * wobble) : null, planned_w: index >= nowSlot ? Math.round(orderly) : null, uncontrolled_w: Math.round(uncontrolled) };
    });
    return { node: { id: node.id, kind: node.kind, name_zh: node.name_zh, name_en: node.name_en, limit_w: node.limit_w, parent: node.parent }, date, slot_ms: SLOT, now_slot: nowSlot >= 0 && nowSlot < 96 ? nowSlot : null, slots };
  }
  sessionCurve(session) {
    const first = Math.floor(this.now() / SLOT) * SLOT, slots = [], samples = [];
    for (let at = first; at < session.departure; at += SLOT) {
      const band = bandAt(at), later = at > this.origin + 2.5 * 3600_000 && at < this.origin + 8 * 3600_000;
      slots.push({ start: iso(at), planned_w: session.charge_now ? session.charger.maximum : session.waiting ? (later ? session.charger.maximum : 0) : this.powerOf(session), band, price: PRICE[band] });
    }
    let energy = 0;
    for (let at = session.began; at <= this.now(); at += 300_000) {
      const power = session.waiting ? (at < session.began + 1800_000 ? session.charger.maximum * 0.3 : 0) : this.powerOf(session) * (1 + 0.02 * Math.sin(at / 1e6));
      energy += power / 12;
      samples.push({ at: iso(at), power_w: Math.round(power), energy_wh: Math.round(energy) });
    }
    return { slot_ms: SLOT, slots, samples };
  }
  overview() {
    const counts = Object.fromEntries(Object.values(NAMES).map((name) => [name, 0]));
    let held = 0;
    for (const charger of this.chargers) { counts[NAMES[charger.letter]]++; if (charger.registration === 'held') held++; }
    const now = this.now(), node = this.nodeJson(this.city), band = bandAt(now), total = this.chargers.length;
    const hour = Math.floor((now / 3600_000 + 8) % 24);
    let next = hour + 1;
    while (HOURS[next % 24] === band) next++;
    return {
      now: iso(now), speed: this.speed, simulated: true, synthetic_network: true, city: { name_zh: '德州市', name_en: 'Dezhou', utc_offset_minutes: OFFSET },
      chargers: { total, online: total - counts.offline, held, ...counts }, sessions: { active: this.sessions.length, today: this.sessions.length * 3, energy_today_wh: this.sessions.length * 31_400 },
      load: { charging_w: node.charging_w, base_w: node.base_w, total_w: node.base_w + node.charging_w, limit_w: this.limitOf(this.city), permitted_w: node.permitted_w },
      price: { band, price: PRICE[band], next_band: HOURS[next % 24], next_at: iso(now - (now % 3600_000) + (next - hour) * 3600_000), example: true },
      plan: { made: iso(now - 20_000), sessions: this.sessions.length, shortfall_wh: 2400, milliseconds: 12.5 },
      today: { energy_wh: this.sessions.length * 31_400, cost: (this.sessions.length * 11.2).toFixed(2), uncontrolled_cost: (this.sessions.length * 19.7).toFixed(2), peak_w: Math.round(this.city.limit_w * 0.83), uncontrolled_peak_w: Math.round(this.city.limit_w * 1.08) },
      alarms: this.alarms.length, overloaded_nodes: 0,
    };
  }
  states() { return this.chargers.filter((charger) => charger.station).map((charger) => charger.letter).join(''); }
  /** Some chargers change; returns them as events. */
  step(share) {
    const changed = [];
    const amount = Math.max(1, Math.round(this.chargers.length * share));
    for (let i = 0; i < amount; i++) {
      const charger = this.chargers[Math.floor(this.random() * this.chargers.length)];
      if (!charger.station) continue;
      charger.letter = charger.letter === 'f' ? 'o' : charger.letter === 'o' ? 'c' : charger.letter === 'c' ? 'f' : STATES[Math.floor(this.random() * 3)];
      changed.push({ id: charger.id, state: NAMES[charger.letter] });
    }
    this.version++;
    return changed;
  }
}
export { NAMES, OFFSET, COUNTIES };
