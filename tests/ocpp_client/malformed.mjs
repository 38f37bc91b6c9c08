// The corpus of tests/ocpp/malformed over a real socket, and how the two ways of reading differ.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { check, repository, same, step, until } from '../support/outside.mjs';
import { RawSocket } from './charger.mjs';

const corpus = join(repository, 'tests/ocpp/malformed');

function bytesOf(entry) {
  if (entry.frame !== undefined) return Buffer.from(entry.frame);
  if (entry.hex !== undefined) return Buffer.from(entry.hex, 'hex');
  return Buffer.from(entry.parts.map(([text, times]) => text.repeat(times)).join(''));
}

/** What came back: an error code, "accepted", "none" or "closed"; and the id it carried. */
async function outcomeOf(socket, bytes, beat, answered) {
  socket.send(bytes);
  socket.send(JSON.stringify([2, beat, 'Heartbeat', {}]));
  const found = { outcome: 'none', id: null };
  let beaten = false;
  // An answer that has to be kept first may come after the heartbeat's.
  while (!beaten || (answered && found.outcome === 'none')) {
    const message = await socket.next();
    if (message === null) return { outcome: 'closed', id: null };
    const [type, id, code] = message;
    if (type === 3 && id === beat) beaten = true;
    else {
      found.outcome = type === 3 ? 'accepted' : code;
      found.id = id;
    }
  }
  return found;
}

async function booted(server, identity) {
  const socket = new RawSocket(server, identity);
  check(await socket.opened(), `${identity} is refused`);
  socket.send(JSON.stringify([2, 'boot', 'BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' }]));
  same((await socket.next())[2].status, 'Accepted', 'boot');
  return socket;
}

/** A call that the codec let pass may still be refused for its meaning, but not for its form. */
const formal = new Set(['NotImplemented', 'NotSupported', 'ProtocolError', 'FormationViolation', 'PropertyConstraintViolation', 'OccurenceConstraintViolation', 'TypeConstraintViolation']);

export async function malformedCases(server, mode) {
  const cases = readdirSync(corpus).filter((name) => name.endsWith('.jsonl')).sort().flatMap((name) => readFileSync(join(corpus, name), 'utf8').trim().split('\n').map((line) => ({ ...JSON.parse(line), file: name })));
  await step(`${mode}: every one of ${cases.length} malformed frames is answered as it should be`, async () => {
    check(cases.length >= 200, 'the corpus is missing');
    const wrong = [];
    let socket = null;
    for (const [number, each] of cases.entries()) {
      socket ??= await booted(server, 'MALFORMED-1');
      const expected = each[mode];
      const { outcome, id } = await outcomeOf(socket, bytesOf(each), `beat${number}`, expected !== 'none');
      if (outcome === 'closed') socket = null;
      // The socket may end before the codec sees the frame; where its own limit is wider, the codec refuses.
      const free = each.socket && outcome === 'closed';
      const fits = free || (expected === 'accepted' ? outcome !== 'closed' && !formal.has(outcome) : outcome === expected && (outcome === 'none' || id === each.id));
      if (!fits) wrong.push(`${each.file} “${each.name}”: ${outcome} for id ${id}, expected ${expected} for ${each.id}`);
    }
    check(!wrong.length, `${wrong.length}: ${wrong.slice(0, 8).join('; ')}`);
    check(server.alive(), 'the server died');
    same((await server.request('GET', '/healthz')).status, 200, 'health');
    socket?.socket.close();
  });
  await step(`${mode}: a message that breaks the schema is ${mode === 'strict' ? 'refused' : 'taken and flagged'}`, async () => {
    const identity = `ODD-${mode}`;
    const socket = await booted(server, identity);
    socket.send(JSON.stringify([2, 'odd', 'StatusNotification', { connectorId: '1', errorCode: 'NoError', status: 'Available', colour: 'red' }]));
    const answer = await socket.next();
    if (mode === 'strict') {
      same([answer[0], answer[1]], [4, 'odd'], 'a CALLERROR');
      check(formal.has(answer[2]), answer[2]);
    } else {
      same([answer[0], answer[1]], [3, 'odd'], 'a CALLRESULT');
      const flagged = await until('it is flagged', async () => (await server.get('/flagged?limit=1000')).messages.find((each) => each.charger === identity));
      same(flagged.action, 'StatusNotification', 'the action');
      check(/connectorId/.test(JSON.stringify(flagged.flags)) && /colour/.test(JSON.stringify(flagged.flags)), `flags: ${JSON.stringify(flagged.flags)}`);
      check(flagged.raw.includes('"red"'), `the source is lost: ${flagged.raw}`);
    }
    socket.socket.close();
  });
  await step(`${mode}: a flood of broken frames harms nobody else`, async () => {
    const good = await booted(server, `GOOD-${mode}`);
    const bad = new RawSocket(server, `FLOOD-${mode}`);
    await bad.opened();
    for (let i = 0; i < 5000 && !bad.closed; ++i) bad.send(Buffer.from(`[2,"${i}","StatusNotification",{`));
    good.send('[2,"alive","Heartbeat",{}]');
    const answer = await good.next();
    same(answer?.slice(0, 2), [3, 'alive'], 'the other charger');
    bad.socket.terminate();
    good.socket.close();
  });
}
