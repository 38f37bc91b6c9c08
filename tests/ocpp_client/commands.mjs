// Every message an operator can send to a charger, through the API, with the charger's own answer coming back.
import { check, same, step, until } from '../support/outside.mjs';
import { Charger, meter, now } from './charger.mjs';

const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();
const schedule = { duration: 3600, chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: 16 }] };
const profile = { chargingProfileId: 777, stackLevel: 5, chargingProfilePurpose: 'ChargePointMaxProfile', chargingProfileKind: 'Absolute', chargingSchedule: { ...schedule, startSchedule: '2026-01-01T00:00:00.000Z' } };

/** The same with the names in order, to compare what was given with what came. */
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.keys(value).sort().map((name) => [name, sorted(value[name])]));
}

/** Action, payload, the charger's answer, the outcome the API tells. */
const actions = () => [
  ['ChangeAvailability', { connectorId: 1, type: 'Inoperative' }, { status: 'Scheduled' }, 'accepted'],
  ['ChangeConfiguration', { key: 'MeterValueSampleInterval', value: '60' }, { status: 'RebootRequired' }, 'accepted'],
  ['ClearCache', {}, { status: 'Rejected' }, 'rejected'],
  ['ClearChargingProfile', { id: 777 }, { status: 'Unknown' }, 'rejected'],
  ['DataTransfer', { vendorId: '德州', messageId: 'x', data: '{"灯":1}' }, { status: 'Accepted', data: '{"灯":"亮"}' }, 'accepted'],
  ['GetCompositeSchedule', { connectorId: 1, duration: 3600, chargingRateUnit: 'A' }, { status: 'Accepted', connectorId: 1, scheduleStart: '2026-01-01T00:00:00Z', chargingSchedule: schedule }, 'accepted'],
  ['GetConfiguration', { key: ['HeartbeatInterval', 'Nothing'] }, { configurationKey: [{ key: 'HeartbeatInterval', readonly: false, value: '300' }], unknownKey: ['Nothing'] }, 'accepted'],
  ['GetDiagnostics', { location: 'ftp://127.0.0.1/diagnostics', retries: 2 }, { fileName: '诊断.zip' }, 'accepted'],
  ['GetLocalListVersion', {}, { listVersion: 3 }, 'accepted'],
  ['RemoteStartTransaction', { idTag: 'CARD-9', connectorId: 1 }, { status: 'Accepted' }, 'accepted'],
  ['RemoteStopTransaction', { transactionId: 12345 }, { status: 'Rejected' }, 'rejected'],
  ['Reset', { type: 'Soft' }, { status: 'Accepted' }, 'accepted'],
  ['ReserveNow', { connectorId: 1, expiryDate: inAnHour(), idTag: 'CARD-9', reservationId: 4 }, { status: 'Occupied' }, 'rejected'],
  ['CancelReservation', { reservationId: 4 }, { status: 'Rejected' }, 'rejected'],
  ['SendLocalList', { listVersion: 4, updateType: 'Full', localAuthorizationList: [{ idTag: 'CARD-9', idTagInfo: { status: 'Accepted' } }] }, { status: 'VersionMismatch' }, 'rejected'],
  ['SetChargingProfile', { connectorId: 0, csChargingProfiles: profile }, { status: 'NotSupported' }, 'rejected'],
  ['TriggerMessage', { requestedMessage: 'Heartbeat' }, { status: 'NotImplemented' }, 'rejected'],
  ['UnlockConnector', { connectorId: 1 }, { status: 'UnlockFailed' }, 'rejected'],
  ['UpdateFirmware', { location: 'https://127.0.0.1/firmware.bin', retrieveDate: inAnHour() }, {}, 'accepted'],
];

/** What is wrong with it, and the name the refusal has to contain. */
const refused = [
  ['Reset', { type: 'Gentle' }, 'type'],
  ['Reset', {}, 'type'],
  ['ChangeAvailability', { connectorId: 'one', type: 'Operative' }, 'connectorId'],
  ['ChangeConfiguration', { key: 'k'.repeat(51), value: '1' }, 'key'],
  ['RemoteStartTransaction', { idTag: 'C'.repeat(21) }, 'idTag'],
  ['RemoteStopTransaction', { transactionId: 'many' }, 'transactionId'],
  ['ReserveNow', { connectorId: 1, expiryDate: 'tomorrow', idTag: 'A', reservationId: 1 }, 'expiryDate'],
  ['SetChargingProfile', { connectorId: 1, csChargingProfiles: { ...profile, stackLevel: 'high' } }, 'stackLevel'],
  ['TriggerMessage', { requestedMessage: 'Everything' }, 'requestedMessage'],
  ['UpdateFirmware', { location: 'https://127.0.0.1/f', retrieveDate: inAnHour(), colour: 'red' }, 'colour'],
];

async function approved(server, identity) {
  const charger = new Charger(server, identity);
  await charger.connect();
  await charger.call('BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' });
  same((await server.post(`/chargers/${identity}/registration`, { registration: 'approved' })).status, 200, 'approval');
  await charger.boot('Accepted');
  return charger;
}

export async function commandCases(server) {
  const send = (identity, action, payload) => server.post(`/chargers/${identity}/commands/${action}`, payload);
  let charger = null;
  let silent = null;
  let unanswered = null;
  let next = null;
  await step('two chargers come on line', async () => {
    charger = await approved(server, 'COMMANDED-1');
    silent = await approved(server, 'SILENT-1');
  });
  // The wait for an answer ends after half a minute: it runs beside the other cases.
  silent.answers.set('ClearCache', () => new Promise(() => undefined));
  unanswered = send('SILENT-1', 'ClearCache', {});
  next = silent.received('ClearCache').then(() => send('SILENT-1', 'GetConfiguration', {}));
  silent.answers.set('GetConfiguration', { configurationKey: [] });

  for (const [action, payload, answer, outcome] of actions()) {
    await step(`${action} reaches the charger and its answer comes back`, async () => {
      const before = charger.answers.get(action);
      charger.answers.set(action, (params) => (action !== 'SetChargingProfile' || params.csChargingProfiles.chargingProfileId === 777 ? answer : { status: 'Accepted' }));
      const known = charger.calls.length;
      const sent = await send('COMMANDED-1', action, payload);
      same(sent.status, 200, sent.text);
      const came = charger.calls.slice(known).find((each) => each.method === action);
      check(came, 'the charger got nothing');
      same(sorted(came.params), sorted(payload), 'what the charger got');
      same(sent.body.answer, answer, 'the answer');
      same([sent.body.outcome, sent.body.status], [outcome, answer.status ?? ''], 'outcome and status');
      if (before) charger.answers.set(action, before);
      else charger.answers.delete(action);
    });
  }
  for (const [action, payload, field] of refused) {
    await step(`${action} with a wrong ${field} is refused by name and not sent`, async () => {
      const known = charger.calls.length;
      const sent = await send('COMMANDED-1', action, payload);
      same(sent.status, 400, sent.text);
      check(JSON.stringify(sent.body.error).includes(field), `${field} is not named: ${sent.text}`);
      check(!charger.calls.slice(known).some((each) => each.method === action), 'it was sent');
    });
  }
  await step('what is no command is refused', async () => {
    for (const action of ['Heartbeat', 'BootNotification']) same((await send('COMMANDED-1', action, {})).status, 400, action);
    same((await send('COMMANDED-1', 'Dance', {})).status, 501, 'Dance');
    same((await server.request('POST', '/chargers/COMMANDED-1/commands/Reset', '{"type":', { raw: true })).status, 400, 'half a payload');
    same((await send('NEVER-SEEN', 'ClearCache', {})).status, 404, 'an unknown charger');
    same((await server.request('POST', '/chargers/COMMANDED-1/commands/ClearCache', {}, { key: null })).status, 401, 'without a key');
  });
  await step('a charger’s error is told as one', async () => {
    charger.answers.set('ClearCache', () => {
      throw new Error('out of order');
    });
    const sent = await send('COMMANDED-1', 'ClearCache', {});
    same([sent.status, sent.body.outcome], [200, 'error'], sent.text);
    charger.answers.delete('ClearCache');
  });
  await step('calls cross: both sides ask at once and all are answered', async () => {
    const session = await charger.begin('CARD-5', 0);
    // The charger answers only after a call of its own was answered: a server that waits in between would hang.
    charger.answers.set('GetLocalListVersion', async () => {
      await new Promise((done) => setTimeout(done, 5));
      return { listVersion: 1 };
    });
    charger.client.reconfigure({ callConcurrency: 8 });
    const commands = Array.from({ length: 20 }, () => send('COMMANDED-1', 'GetLocalListVersion', {}));
    const own = Array.from({ length: 60 }, (_, i) => charger.call('MeterValues', meter(session, (i + 1) * 10, 3000, new Date(Date.now() + i).toISOString())));
    const [answers] = await Promise.all([Promise.all(commands), Promise.all(own)]);
    check(answers.every((each) => each.body?.outcome === 'accepted'), JSON.stringify(answers.map((each) => each.text).slice(0, 3)));
    same((await server.get(`/sessions/${session}`)).energy_wh, 600, 'energy');
    await charger.call('StopTransaction', { transactionId: session, meterStop: 600, timestamp: now() });
  });
  await step('a charger that answers nothing times out, and the next command goes out', async () => {
    const answer = await unanswered;
    same([answer.status, answer.body?.outcome], [200, 'timed_out'], answer.text);
    const later = await next;
    same([later.status, later.body?.outcome], [200, 'accepted'], later.text);
    check((await silent.call('Heartbeat', {})).currentTime, 'no heartbeat');
  });
  await step('to a charger off line nothing is sent, and the answer says so', async () => {
    await charger.close();
    await until('off line', async () => !(await server.get('/chargers/COMMANDED-1')).online);
    const sent = await send('COMMANDED-1', 'Reset', { type: 'Hard' });
    same([sent.status, sent.body?.outcome], [200, 'not_sent'], sent.text);
  });
  await step('a command whose charger goes away meanwhile ends', async () => {
    silent.answers.set('ClearCache', () => new Promise(() => undefined));
    silent.calls.length = 0;
    const waiting = send('SILENT-1', 'ClearCache', {});
    await silent.received('ClearCache');
    await silent.client.close({ force: true });
    const sent = await waiting;
    check(sent.status === 200 && sent.body.outcome !== 'accepted', sent.text);
  });
}
