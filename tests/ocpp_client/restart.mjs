// A server killed in the middle of sessions, without a word.
import { check, same, step, until } from '../support/outside.mjs';
import { Charger, meter, now } from './charger.mjs';

export async function restartCases(server) {
  const chargers = [];
  const sessions = [];
  const stopped = [];
  await step('eight sessions run when the server is killed', async () => {
    for (let i = 0; i < 8; ++i) {
      const charger = new Charger(server, `KILL-${i}`);
      chargers.push(charger);
      await charger.connect();
      await charger.call('BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' });
      same((await server.post(`/chargers/${charger.identity}/registration`, { registration: 'approved' })).status, 200, 'approval');
      await charger.boot('Accepted');
      sessions.push(await charger.begin(`CARD-K${i}`, 1000 * i));
      await charger.call('MeterValues', meter(sessions[i], 1000 * i + 100));
    }
    // One ended just before: its confirmation must hold.
    await chargers[7].call('StopTransaction', { transactionId: sessions[7], meterStop: 7450, timestamp: now() });
    // These are on their way while it dies; a charger keeps what was not confirmed and says it again.
    for (let i = 0; i < 7; ++i) {
      const message = meter(sessions[i], 1000 * i + 200);
      const sent = chargers[i].call('MeterValues', message).then(() => true, () => false);
      stopped.push({ message, sent });
    }
    await server.kill('SIGKILL');
  });
  await step('started again it knows every session, and nothing is lost or counted twice', async () => {
    await server.start();
    for (const [i, { message, sent }] of stopped.entries()) {
      await until(`${chargers[i].identity} is back`, () => chargers[i].client.state === 1);
      const confirmed = await Promise.race([sent, new Promise((done) => setTimeout(() => done(false), 50))]);
      if (!confirmed) await chargers[i].call('MeterValues', message);
      const shown = await server.get(`/sessions/${sessions[i]}`);
      same([shown.ended, shown.energy_wh, shown.token], [null, 200, `CARD-K${i}`], `session ${i}`);
    }
    const over = await until('the ended one', async () => {
      const shown = await server.get(`/sessions/${sessions[7]}`);
      return shown.ended && shown;
    });
    same(over.energy_wh, 450, 'the session that ended before');
  });
  await step('the sessions go on: planned again, metered, stopped with exact energy', async () => {
    for (let i = 0; i < 7; ++i) {
      chargers[i].calls.length = 0;
      await chargers[i].boot('Accepted');
      await chargers[i].received('SetChargingProfile', (params) => params.csChargingProfiles.transactionId === sessions[i]);
      await chargers[i].call('MeterValues', meter(sessions[i], 1000 * i + 300));
      await chargers[i].call('StopTransaction', { transactionId: sessions[i], meterStop: 1000 * i + 321, timestamp: now() });
      const shown = await until('its end', async () => {
        const session = await server.get(`/sessions/${sessions[i]}`);
        return session.ended && session;
      });
      same(shown.energy_wh, 321, `session ${i}`);
    }
    const fresh = await chargers[0].begin('CARD-NEW', 321);
    check(!sessions.includes(fresh), 'an old number for a new session');
    await chargers[0].call('StopTransaction', { transactionId: fresh, meterStop: 321, timestamp: now() });
  });
  await step('users and keys survive', async () => check((await server.get('/overview')).chargers.total > 0, 'no chargers'));
  for (const charger of chargers) await charger.close();
}
