// Charge points of another project's making (the npm client ocpp-rpc, strict against the schemas of OCPP 1.6) on the real
// server: every message both ways, repeats, calls crossing, a killed server, and bytes that are no OCPP at all.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { check, finish, program, same, Server, step, temporary, tianqu } from '../support/outside.mjs';
import { Charger, violations } from './charger.mjs';
import { commandCases } from './commands.mjs';
import { malformedCases } from './malformed.mjs';
import { restartCases } from './restart.mjs';
import { sessionCases } from './sessions.mjs';

program();
const folder = temporary();
const network = join(folder, 'network');
await tianqu(['city', 'make', '--out', network, '--public', '6', '--residential', '6']);
// Stations without their chargers: one that never connected counts with all its power, and nothing is left for ours.
const chargers = join(network, 'chargers.csv');
writeFileSync(chargers, `${readFileSync(chargers, 'utf8').split('\n', 1)[0]}\n`);

const held = await new Server(join(folder, 'held'), ['--network', network]).start();
await held.makeKey();
await sessionCases(held);
await commandCases(held);
await restartCases(held);
await held.stop();

const accepting = await new Server(join(folder, 'accepting'), ['--unknown-chargers', 'accept']).start();
await accepting.makeKey();
await step('--unknown-chargers accept: a charger nobody knows may charge at once', async () => {
  const charger = new Charger(accepting, 'NEW-1');
  await charger.connect();
  await charger.boot('Accepted');
  const session = await charger.begin('CARD-1', 100);
  check((await accepting.get(`/sessions/${session}`)).charger === 'NEW-1', 'no session');
  await charger.close();
});
await malformedCases(accepting, 'tolerant');
await accepting.stop();

const strict = await new Server(join(folder, 'strict'), ['--unknown-chargers', 'accept', '--validation', 'strict']).start();
await strict.makeKey();
await malformedCases(strict, 'strict');
await strict.stop();

const rejecting = await new Server(join(folder, 'rejecting'), ['--unknown-chargers', 'reject']).start();
await rejecting.makeKey();
await step('--unknown-chargers reject: refused at the door and not remembered', async () => {
  const charger = new Charger(rejecting, 'NEW-1', { reconnect: false });
  let code = null;
  await charger.connect().catch((error) => (code = error.code ?? error.message));
  check(code !== null, 'it was let in');
  same(code, 403, 'the refusal');
  same((await rejecting.get('/chargers?q=NEW-1')).chargers, [], 'chargers');
});
await rejecting.stop();

await step('after all of it each journal verifies', async () => {
  for (const name of ['held', 'accepting', 'strict', 'rejecting']) {
    const verified = await tianqu(['journal', 'verify', join(folder, name)]);
    same(verified.code, 0, `${name}: ${verified.all}`);
  }
});
await step('no message broke a schema of OCPP 1.6', () => check(!violations.length, `${violations.length}: ${violations.slice(0, 5).join(' | ')}`));
await finish();
