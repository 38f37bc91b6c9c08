// The shapes of docs/api.md. Powers in whole watts (_w), energies in whole watt-hours (_wh), times RFC 3339 in UTC,
// prices and money as decimal strings in yuan. A field that is not known is null.

export type Time = string;
export type BandLetter = 'S' | 'P' | 'F' | 'V' | 'D';
export type ChargerState = 'free' | 'occupied' | 'charging' | 'discharging' | 'reserved' | 'fault' | 'offline' | 'unknown';
/** `never_seen`: placed in the network but has not connected yet. */
export type Registration = 'held' | 'approved' | 'rejected' | 'never_seen';
export type NodeKind = 'city' | 'substation' | 'feeder' | 'transformer' | 'station';

export interface User {
  name: string;
  role: string;
}

export interface ErrorBody {
  error: {
    code: string;
    text_zh: string;
    text_en: string;
    fields?: { field?: string; value?: string; expected?: string };
  };
}

export interface Overview {
  now: Time;
  speed: number;
  simulated: boolean;
  synthetic_network: boolean;
  city: { name_zh: string; name_en: string; utc_offset_minutes: number; node?: string };
  chargers: { total: number; online: number; held: number } & Record<ChargerState, number>;
  sessions: { active: number; today: number; energy_today_wh: number | null };
  load: {
    charging_w: number | null;
    base_w: number | null;
    total_w: number | null;
    limit_w: number | null;
    permitted_w: number | null;
  };
  price: { band: BandLetter; price: string; next_band: BandLetter | null; next_at: Time | null; example: boolean } | null;
  plan: { made: Time | null; sessions: number; shortfall_wh: number; milliseconds: number } | null;
  today: {
    energy_wh: number | null;
    cost: string | null;
    uncontrolled_cost: string | null;
    peak_w: number | null;
    uncontrolled_peak_w: number | null;
  } | null;
  alarms: number;
  overloaded_nodes: number;
}

export interface CurveSlot {
  start: Time;
  band: BandLetter | null;
  price: string | null;
  limit_w: number | null;
  base_w: number | null;
  measured_w: number | null;
  planned_w: number | null;
  uncontrolled_w: number | null;
}

export interface NodeCurve {
  node: { id: string; kind: NodeKind; name_zh: string; name_en: string; limit_w: number | null; parent: string | null };
  date: string;
  slot_ms: number;
  now_slot: number | null;
  slots: CurveSlot[];
}

export interface GridNode {
  id: string;
  parent: string | null;
  kind: NodeKind;
  name_zh: string;
  name_en: string;
  limit_w: number | null;
  temporary_limit: { limit_w: number; from: Time | null; until: Time | null; reason?: string } | null;
  base_w: number | null;
  charging_w: number | null;
  permitted_w: number | null;
  load_permille: number | null;
  chargers: number | null;
  lon: number | null;
  lat: number | null;
  county: string | null;
  synthetic: boolean;
}

export interface NamedNode {
  id: string;
  kind: string;
  name_zh: string;
  name_en: string;
}

export interface Connector {
  number: number;
  state: ChargerState;
  status: string;
  error_code: string | null;
  maximum_w: number | null;
  permitted_w: number | null;
  measured_w: number | null;
  session: number | null;
}

export interface Charger {
  id: string;
  name: string | null;
  registration: Registration;
  online: boolean;
  state: ChargerState;
  vendor: string | null;
  model: string | null;
  serial: string | null;
  firmware: string | null;
  address: string | null;
  booted: Time | null;
  last_seen: Time | null;
  station: NamedNode | null;
  county: string | null;
  lon: number | null;
  lat: number | null;
  path: NamedNode[] | null;
  connectors: Connector[];
}

export interface Why {
  reason: string;
  node: string | null;
  until: Time | null;
  text_zh: string;
  text_en: string;
}

export interface Session {
  id: number;
  charger: string;
  connector: number;
  token: string | null;
  started: Time;
  claimed_start: Time | null;
  received_start: Time | null;
  ended: Time | null;
  end_reason: string | null;
  energy_wh: number | null;
  target_wh: number | null;
  departure: Time | null;
  charge_now: boolean;
  target_by_default: boolean;
  power_w: number | null;
  permitted_w: number | null;
  shortfall_wh: number | null;
  cost: string | null;
  uncontrolled_cost: string | null;
  flags: string[] | null;
  why: Why | null;
}

export interface SessionCurve {
  slot_ms: number;
  slots: { start: Time; planned_w: number | null; band: BandLetter | null; price: string | null }[];
  samples: { at: Time; power_w: number | null; energy_wh: number | null }[];
}

export interface PlanSession {
  session: number;
  reason: string;
  node: string | null;
  until: Time | null;
  text_zh?: string;
  text_en?: string;
  shortfall_wh: number;
  powers_w: number[];
}

export interface Plan {
  made: Time | null;
  slot_ms: number;
  start: Time | null;
  sessions: PlanSession[];
  overloaded_nodes: (string | { node?: string; id?: string })[];
}

export interface TariffDay {
  date: string;
  scheme: string;
  name_zh?: string;
  name_en?: string;
  status: string;
  source: string;
  bands: {
    band: BandLetter;
    from: Time;
    until: Time;
    price: string;
    derivation_zh: string;
    derivation_en: string;
  }[];
}

/** `node` and `charger` are empty where the alarm is about something else. */
export interface Alarm {
  id: string;
  kind: string;
  node: string;
  charger: string;
  text_zh: string;
  text_en: string;
  raised: Time;
  cleared: Time | null;
}

export interface AuditEntry {
  sequence: number;
  at: Time;
  who: string;
  why: string;
  what: string;
  body: unknown;
}

export interface SearchHit {
  kind: string;
  id: string;
  title_zh: string;
  title_en: string;
}

export interface CommandResult {
  command: string;
  outcome: 'accepted' | 'rejected' | 'error' | 'timed_out' | 'not_sent';
  status: string | null;
  answer: unknown;
}

export interface MapPoints {
  version: number;
  ids: string[];
  lon: (number | null)[];
  lat: (number | null)[];
  states: string;
}

export interface MapStation {
  id: string;
  name_zh: string;
  name_en: string;
  kind: string;
  lon: number | null;
  lat: number | null;
  county: string | null;
  chargers: number | null;
}
