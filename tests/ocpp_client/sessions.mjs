// From the first connection of an unknown charger to paid energy.
import { check, same, step, until } from '../support/outside.mjs';
import { boot, Charger, meter, now, RawSocket } from './charger.mjs';

const limits = (profile) => profile.chargingSchedule.chargingSchedulePeriod.map((period) => period.limit);

export async function sessionCases(server) {
  // Chinese in an id goes percent-encoded through the address.
  const identity = '德州充电桩-01';
  const path = `/chargers/${encodeURIComponent(identity)}`;
  const charger = new Charger(server, identity);
  let session = 0;
  const start = { connectorId: 1, idTag: 'CARD-1', meterStart: 1000, timestamp: '' };
  const ended = async (id) => until('the session ends', async () => {
    const shown = await server.get(`/sessions/${id}`);
    return shown.ended ? shown : null;
  });

  await step('an unknown charger connects as ocpp1.6 under a Chinese id and is held', async () => {
    await charger.connect();
    same(charger.client.protocol, 'ocpp1.6', 'subprotocol');
    const answer = await charger.boot('Pending');
    check(Math.abs(Date.parse(answer.currentTime) - Date.now()) < 600_000, `the server's clock: ${answer.currentTime}`);
    check(answer.interval > 0, 'no interval');
    const rows = (await server.get('/chargers?registration=held')).chargers;
    same(rows.map((row) => row.id), [identity], 'held chargers');
    same([rows[0].vendor, rows[0].model, rows[0].firmware, rows[0].online], [boot.chargePointVendor, boot.chargePointModel, boot.firmwareVersion, true], 'what it told');
  });
  await step('a held charger cannot start a session', async () => {
    const answer = await charger.call('StartTransaction', { ...start, timestamp: now() });
    same(answer.idTagInfo.status, 'Blocked', 'the verdict');
    await charger.call('StopTransaction', { transactionId: answer.transactionId, meterStop: 1000, timestamp: now(), reason: 'DeAuthorized' });
  });
  await step('approved and placed, it is asked to boot again and is accepted', async () => {
    const station = (await server.get('/nodes?kind=station&limit=1')).nodes[0];
    const placed = await server.request('PUT', `${path}/site`, { station: station.id, connectors: [{ number: 1, maximum_w: 7000 }] });
    same(placed.status, 200, `placing: ${placed.text}`);
    const approved = await server.post(`${path}/registration`, { registration: 'approved', reason: '现场核对过' });
    same(approved.status, 200, `approval: ${approved.text}`);
    await charger.received('TriggerMessage', (params) => params.requestedMessage === 'BootNotification');
    await charger.boot('Accepted');
    const shown = await server.get(path);
    same([shown.registration, shown.station?.id], ['approved', station.id], 'registration and station');
  });
  await step('after boot it gets a low default profile', async () => {
    const { params } = await charger.received('SetChargingProfile', (each) => each.csChargingProfiles.chargingProfilePurpose === 'TxDefaultProfile');
    const profile = params.csChargingProfiles;
    check(profile.transactionId === undefined, 'a default profile with a transaction');
    const lowest = profile.chargingSchedule.chargingRateUnit === 'W' ? 2000 : 9;
    check(limits(profile).every((limit) => limit <= lowest), `not low: ${JSON.stringify(profile.chargingSchedule)}`);
  });
  await step('Heartbeat and Authorize', async () => {
    check(!Number.isNaN(Date.parse((await charger.call('Heartbeat', {})).currentTime)), 'no time');
    same((await charger.call('Authorize', { idTag: 'CARD-1' })).idTagInfo.status, 'Accepted', 'an open network');
    same((await server.request('PUT', '/tokens/CARD-LOST', { verdict: 'blocked', reason: '挂失' })).status, 200, 'blocking');
    same((await charger.call('Authorize', { idTag: 'CARD-LOST' })).idTagInfo.status, 'Blocked', 'a lost card');
  });
  await step('StatusNotification shows on the connector', async () => {
    await charger.status('Available');
    same((await server.get(path)).state, 'free', 'state');
    await charger.call('StatusNotification', { connectorId: 1, errorCode: 'GroundFailure', status: 'Faulted', info: '漏电', timestamp: now() });
    const shown = await server.get(path);
    same(shown.state, 'fault', 'state');
    check(/ground/i.test(shown.connectors[0].error_code), `error code: ${shown.connectors[0].error_code}`);
    await charger.status('Available');
  });
  await step('StartTransaction opens a session and a profile of that transaction arrives', async () => {
    await charger.status('Preparing');
    start.timestamp = now();
    const answer = await charger.call('StartTransaction', start);
    same(answer.idTagInfo.status, 'Accepted', 'the card');
    session = answer.transactionId;
    await charger.status('Charging');
    const { params } = await charger.received('SetChargingProfile', (each) => each.csChargingProfiles.transactionId === session);
    same([params.connectorId, params.csChargingProfiles.chargingProfilePurpose], [1, 'TxProfile'], 'the profile');
    const unit = params.csChargingProfiles.chargingSchedule.chargingRateUnit;
    check(limits(params.csChargingProfiles).every((limit) => limit >= 0 && limit <= (unit === 'W' ? 7000 : 31)), 'more than the connector');
    const shown = await server.get(`/sessions/${session}`);
    same([shown.charger, shown.token, shown.ended], [identity, 'CARD-1', null], 'the session');
  });
  await step('the driver’s departure and energy come as DataTransfer', async () => {
    const departure = new Date(Math.floor(Date.now() / 60_000) * 60_000 + 6 * 3_600_000).toISOString();
    const data = JSON.stringify({ transactionId: session, departure, energyWh: 18_000, chargeNow: false });
    same((await charger.call('DataTransfer', { vendorId: 'tianqu', messageId: 'DriverTarget', data })).status, 'Accepted', 'DataTransfer');
    const shown = await server.get(`/sessions/${session}`);
    same([Date.parse(shown.departure), shown.target_wh, shown.target_by_default], [Date.parse(departure), 18_000, false], 'the target');
    check(shown.why?.text_zh && shown.why?.text_en, 'no sentence why');
    same((await charger.call('DataTransfer', { vendorId: 'some.vendor', messageId: 'x', data: '1' })).status, 'UnknownVendorId', 'another vendor');
    const broken = await charger.call('DataTransfer', { vendorId: 'tianqu', messageId: 'DriverTarget', data: '{"transactionId":' }).catch((error) => ({ status: error.message }));
    check(broken.status !== 'Accepted', 'broken data accepted');
  });
  await step('MeterValues count once, however often they come', async () => {
    const first = meter(session, 1400, 2950);
    await charger.call('MeterValues', first);
    await charger.call('MeterValues', first);
    const shown = await server.get(`/sessions/${session}`);
    same([shown.energy_wh, shown.power_w], [400, 2950], 'energy and power');
    await charger.call('MeterValues', { connectorId: 1, transactionId: session, meterValue: [{ timestamp: now(), sampledValue: [{ value: '1.75', measurand: 'Energy.Active.Import.Register', unit: 'kWh' }] }] });
    same((await server.get(`/sessions/${session}`)).energy_wh, 750, 'energy told in kWh');
  });
  await step('a repeated StartTransaction is the same session, also on a new connection', async () => {
    same((await charger.call('StartTransaction', start)).transactionId, session, 'the transaction');
    await charger.close();
    await until('off line', async () => !(await server.get(path)).online);
    await charger.connect();
    same((await charger.call('StartTransaction', start)).transactionId, session, 'the transaction');
    same((await server.get(`/sessions?charger=${encodeURIComponent(identity)}`)).sessions.filter((each) => !each.ended).length, 1, 'open sessions');
  });
  await step('firmware and diagnostics notices are taken', async () => {
    same(await charger.call('FirmwareStatusNotification', { status: 'Downloading' }), {}, 'firmware');
    same(await charger.call('DiagnosticsStatusNotification', { status: 'Uploaded' }), {}, 'diagnostics');
  });
  await step('StopTransaction, three times, ends it once with exact energy', async () => {
    const stop = { transactionId: session, idTag: 'CARD-1', meterStop: 3234, timestamp: now(), reason: 'EVDisconnected' };
    for (let i = 0; i < 3; ++i) await charger.call('StopTransaction', stop);
    await charger.status('Available');
    const shown = await ended(session);
    same([shown.energy_wh, shown.end_reason], [2234, 'EVDisconnected'], 'energy and reason');
    check(/^\d+\.\d+$/.test(shown.cost) && Number(shown.cost) > 0, `cost: ${shown.cost}`);
    same((await server.get('/overview')).sessions.active, 0, 'active sessions');
    same((await charger.call('StartTransaction', start)).transactionId, session, 'a repeat of the start after the end');
    same((await server.get('/overview')).sessions.active, 0, 'active sessions after the repeat');
  });
  await step('a target set through the API reaches the plan; a wrong one names its field', async () => {
    const id = await charger.begin('CARD-2', 3234);
    const departure = new Date(Math.floor(Date.now() / 60_000) * 60_000 + 3 * 3_600_000).toISOString();
    same((await server.post(`/sessions/${id}/target`, { departure, energy_wh: 5000 })).status, 200, 'the target');
    const planned = await until('a plan with the session', async () => {
      const plan = await server.get('/plan');
      return plan.sessions.find((each) => each.session === id && each.powers_w.some((power) => power > 0));
    });
    check(planned.shortfall_wh === 0, `shortfall ${planned.shortfall_wh}`);
    const refused = await server.post(`/sessions/${id}/target`, { departure, energy_wh: -1 });
    same([refused.status, refused.body.error.fields.field], [400, 'energy_wh'], 'a negative energy');
    await charger.call('StopTransaction', { transactionId: id, meterStop: 3234, timestamp: now() });
    same((await ended(id)).energy_wh, 0, 'energy');
  });
  await step('a session that ran while off line is told afterwards and keeps its own times', async () => {
    const ago = (minutes) => new Date(Date.now() - minutes * 60_000).toISOString();
    await charger.close();
    await charger.connect();
    const began = ago(3);
    const answer = await charger.call('StartTransaction', { connectorId: 1, idTag: 'CARD-3', meterStart: 4000, timestamp: began });
    const id = answer.transactionId;
    await charger.call('MeterValues', meter(id, 4050, 3000, ago(2)));
    const data = [{ timestamp: ago(1), sampledValue: [{ value: '4100', context: 'Sample.Periodic' }] }];
    await charger.call('StopTransaction', { transactionId: id, meterStop: 4120, timestamp: ago(0.5), reason: 'Local', transactionData: data });
    const shown = await ended(id);
    same([shown.energy_wh, Date.parse(shown.claimed_start)], [120, Date.parse(began)], 'energy and start');
    check(Date.parse(shown.received_start) > Date.parse(began), 'when it was heard of is lost');
    const curve = await server.get(`/sessions/${id}/curve`);
    check(curve.samples.length >= 1 && curve.samples.some((sample) => sample.energy_wh === 50), `samples: ${JSON.stringify(curve.samples)}`);
  });
  await step('a register that runs backwards never takes energy away', async () => {
    const id = await charger.begin('CARD-4', 5000);
    await charger.call('MeterValues', meter(id, 5500));
    await charger.call('MeterValues', meter(id, 5100));
    check((await server.get(`/sessions/${id}`)).energy_wh === 500, 'energy went back');
    await charger.call('StopTransaction', { transactionId: id, meterStop: 5600, timestamp: now() });
    same((await ended(id)).energy_wh, 600, 'energy');
  });
  await step('every message in a compressed frame', async () => {
    const raw = new RawSocket(server, 'DEFLATE-1', ['ocpp1.6'], { perMessageDeflate: { threshold: 0 } });
    check(await raw.opened(), 'refused');
    check(/permessage-deflate/.test(raw.socket.extensions), `extensions: ${raw.socket.extensions}`);
    for (let i = 0; i < 50; ++i) {
      raw.socket.send(JSON.stringify([2, `d${i}`, 'BootNotification', boot]), { compress: true });
      same((await raw.next()).slice(0, 2), [3, `d${i}`], 'the answer');
    }
    raw.socket.close();
  });
  await step('another version of the protocol is turned away', async () => {
    const raw = new RawSocket(server, 'V201', ['ocpp2.0.1']);
    await until('closed', () => raw.closed);
  });
  await charger.close();
}
