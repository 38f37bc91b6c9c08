// Every command with good input, and what it says to bad input: the file, the line, the field, the value and what was
// expected, with an exit status a script can use.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { check, city, finish, program, same, Server, step, temporary, tianqu } from '../support/outside.mjs';

program();
const folder = temporary();
const loopback = ['--http', '127.0.0.1:0', '--ocpp', '127.0.0.1:0'];
const serve = (data, ...rest) => tianqu(['serve', '--city', city, '--data', join(folder, data), ...loopback, ...rest]);

/** Fails as the command line should: the status is not 0, and each of the words is said. */
function refused(answer, what, ...words) {
  check(answer.code !== 0, `${what}: taken: ${answer.all}`);
  for (const word of words) check(answer.all.includes(word), `${what}: “${word}” is not said: ${answer.all}`);
}

function edited(name, file, edit) {
  const copy = join(folder, name);
  cpSync(city, copy, { recursive: true });
  const path = join(copy, file);
  const before = readFileSync(path, 'utf8');
  const after = edit(before);
  check(before !== after, `${name}: the edit changed nothing`);
  writeFileSync(path, after);
  return copy;
}

function hashOf(path) {
  const hash = createHash('sha256');
  for (const name of readdirSync(path).sort()) hash.update(name).update(readFileSync(join(path, name)));
  return hash.digest('hex');
}

const lines = (path) => readFileSync(path, 'utf8').trimEnd().split('\n');

await step('--help lists every command, each command has its own', async () => {
  const top = await tianqu(['--help']);
  same(top.code, 0, 'status');
  const commands = [['serve'], ['simulate'], ['city', 'make'], ['check'], ['replay'], ['journal', 'verify'], ['journal', 'rebuild'], ['journal', 'show'], ['journal', 'tail'], ['user', 'add'], ['user', 'link'], ['user', 'list'], ['user', 'remove']];
  for (const command of commands) {
    check(top.out.includes(command[0]), `${command[0]} is not listed`);
    const help = await tianqu([...command, '--help']);
    same(help.code, 0, `${command.join(' ')} --help`);
    check(help.out.includes('Usage:') && help.out.includes(command.at(-1)), help.all);
  }
  const version = await tianqu(['--version']);
  check(version.code === 0 && /^\d+\.\d+\.\d+$/.test(version.out.trim()), version.all);
});
await step('an unknown command or option is refused', async () => {
  refused(await tianqu([]), 'nothing', '--help');
  refused(await tianqu(['dance']), 'dance', '--help');
  refused(await tianqu(['check', city, '--loudly']), '--loudly', '--loudly');
  refused(await tianqu(['check']), 'check without a folder', 'folder');
});

await step('check: the city pack is good', async () => {
  const good = await tianqu(['check', city]);
  same(good.code, 0, good.all);
  const asJson = await tianqu(['check', city, '--json']);
  same(asJson.code, 0, asJson.all);
  same(JSON.parse(asJson.out).problems, [], 'problems');
});
const broken = [
  ['a population that is none', 'counties.csv', (text) => text.replace(/^(371402,[^,]*,[^,]*,)\d+/m, '$1many'), ['counties.csv:', 'population', 'many']],
  ['a cell too many', 'counties.csv', (text) => text.replace(/^371403,/m, '371403,x,'), ['counties.csv:', '8 cells', '7 cells']],
  ['a township of no county', 'townships.csv', (text) => text.replace('371402001,371402,', '371402001,999999,'), ['townships.csv:', 'county', '999999']],
  ['a price with a letter', 'tariffs/base_prices.csv', (text) => text.replace('0.5014', '0.5O14'), ['base_prices.csv:2', 'floating_yuan_per_kwh', '0.5O14']],
  ['an offset that is none', 'city.toml', (text) => text.replace('"+08:00"', '"+25:00"'), ['city.toml', 'utc_offset', '+25:00']],
  ['a file that is no TOML', 'city.toml', (text) => text.replace('[city]', '[city'), ['city.toml']],
  ['a header without its column', 'tariffs/windows.csv', (text) => text.replace(/^[^,]+,/, 'something,'), ['windows.csv:1', '(header)']],
];
for (const [name, file, edit, words] of broken) {
  await step(`check: ${name} is named by file, line, field, value and what was expected`, async () => {
    const copy = edited(`pack ${name}`, file, edit);
    const answer = await tianqu(['check', copy]);
    refused(answer, name, ...words, 'expected');
    same(answer.code, 1, 'status');
    const asJson = await tianqu(['check', copy, '--json']);
    same(asJson.code, 1, 'status with --json');
    const problem = JSON.parse(asJson.out).problems[0];
    check(problem.file.includes(file.split('/').at(-1)) && 'line' in problem && 'field' in problem && 'value' in problem && problem.expected, JSON.stringify(problem));
    const started = await tianqu(['serve', '--city', copy, '--data', join(folder, 'never'), ...loopback, '--for', '1s']);
    refused(started, 'serve with it', file.split('/').at(-1));
  });
}
await step('check: a folder that is not there', async () => refused(await tianqu(['check', join(folder, 'nowhere')]), 'nowhere', 'nowhere'));

await step('city make gives the same network for the same seed, and another for another', async () => {
  const made = async (name, seed) => {
    const out = join(folder, name);
    const answer = await tianqu(['city', 'make', '--city', city, '--out', out, '--public', '20', '--residential', '80', '--seed', String(seed)]);
    same(answer.code, 0, answer.all);
    return out;
  };
  const [one, again, other] = [await made('network-1', 7), await made('network-2', 7), await made('network-3', 8)];
  same(hashOf(again), hashOf(one), 'the same seed');
  check(hashOf(other) !== hashOf(one), 'another seed gave the same network');
  same(lines(join(one, 'chargers.csv')).length >= 101, true, 'chargers');
  const checked = await tianqu(['check', city, '--network', one]);
  same(checked.code, 0, checked.all);
});
await step('check: faults of a network are named', async () => {
  const copy = join(folder, 'network-broken');
  cpSync(join(folder, 'network-1'), copy, { recursive: true });
  const rows = lines(join(copy, 'network.csv'));
  const parent = rows[5].split(',')[1];
  rows[5] = rows[5].replace(`,${parent},`, ',NOWHERE,');
  writeFileSync(join(copy, 'network.csv'), `${rows.join('\n')}\n`);
  const answer = await tianqu(['check', city, '--network', copy]);
  refused(answer, 'a parent that is none', 'network.csv:6', 'parent', 'NOWHERE');
  same(answer.code, 1, 'status');
});
await step('city make: a number that is none', async () => {
  refused(await tianqu(['city', 'make', '--city', city, '--out', join(folder, 'x'), '--public', '-3']), '--public -3', 'public');
  refused(await tianqu(['city', 'make', '--city', city, '--out', join(folder, 'x'), '--limits-scale', 'half']), '--limits-scale half', 'half');
});

await step('serve: wrong options name the option, the value and what was expected', async () => {
  const wrong = async (words, ...args) => refused(await tianqu(['serve', '--city', city, '--data', join(folder, 'never'), ...args]), args.join(' '), ...words);
  await wrong(['--http', 'nonsense', '127.0.0.1:8080'], '--http', 'nonsense');
  await wrong(['--http', '127.0.0.1:70000'], '--http', '127.0.0.1:70000');
  await wrong(['--ocpp', ':9000'], '--ocpp', ':9000');
  await wrong(['--for', 'never', '5m'], '--for', 'never');
  await wrong(['--for', '-5s'], '--for=-5s');
  await wrong(['--fleet'], '--speed', '60');
  await wrong(['--unknown-chargers', 'maybe'], '--unknown-chargers', 'maybe');
  await wrong(['--validation'], '--validation', 'loose');
  await wrong(['--fleet'], '--fleet', '-1');
  check(!existsSync(join(folder, 'never')), 'a refused command made a data directory');
});
await step('serve: a city pack or a network that is not there', async () => {
  refused(await tianqu(['serve', '--city', join(folder, 'no-city'), '--data', join(folder, 'a'), ...loopback]), 'no city', 'no-city');
  refused(await serve('b', '--network', join(folder, 'no-network')), 'no network', 'no-network');
});
await step('serve --for ends by itself, with a journal that verifies', async () => {
  for (const [data, options] of [['real', []], ['simulated', ['--fleet', '12', '--speed', '600']]]) {
    const answer = await serve(data, '--for', '4s', ...options);
    same(answer.code, 0, answer.all);
    check(/welcome#\S{20}/.test(answer.out), `no first link: ${answer.out}`);
    const verified = await tianqu(['journal', 'verify', join(folder, data)]);
    same(verified.code, 0, verified.all);
  }
});
await step('serve: real and simulated records do not mix', async () => {
  refused(await serve('simulated', '--for', '1s'), 'a simulated directory without --fleet', 'simulated');
  refused(await serve('real', '--for', '1s', '--fleet', '5'), 'a real directory with --fleet', 'real');
});
await step('serve: a port or a directory in use is said plainly', async () => {
  const other = createServer();
  await new Promise((done) => other.listen(0, '127.0.0.1', done));
  const taken = String(other.address().port);
  refused(await tianqu(['serve', '--city', city, '--data', join(folder, 'c'), '--http', `127.0.0.1:${taken}`, '--ocpp', '127.0.0.1:0', '--for', '5s']), '--http', taken);
  refused(await tianqu(['serve', '--city', city, '--data', join(folder, 'd'), '--http', '127.0.0.1:0', '--ocpp', `127.0.0.1:${taken}`, '--for', '5s']), '--ocpp', taken);
  other.close();
  const server = await new Server(join(folder, 'busy')).start();
  refused(await serve('busy', '--for', '1s'), 'the same data directory', 'busy');
  check(server.alive(), 'the first server died of it');
  const stopped = await server.stop();
  same(stopped.code, 0, `the end of a stopped server: ${server.output}`);
});

await step('simulate: virtual chargers as clients of a running server', async () => {
  const server = await new Server(join(folder, 'host'), ['--unknown-chargers', 'accept']).start();
  await server.makeKey();
  const answer = await tianqu(['simulate', '--url', server.ocpp, '--chargers', '5', '--prefix', 'OUT-', '--for', '4s', '--json']);
  same(answer.code, 0, answer.all);
  const result = JSON.parse(answer.out);
  same([result.synthetic, result.chargers, result.messages_dropped], [true, 5, 0], 'the result');
  same((await server.get('/chargers?q=OUT-')).total, 5, 'chargers of the server');
  await server.stop();
  refused(await tianqu(['simulate', '--url', 'http://127.0.0.1:9000', '--chargers', '3', '--for', '1s']), 'another protocol', 'ws://');
  refused(await tianqu(['simulate', '--url', 'ws://127.0.0.1:9000/ocpp', '--chargers', '0']), 'no chargers', '--chargers');
});

const header = 'session_id,station_id,arrival_5min,departure_5min,est_departure_5min,requested_kwh,max_kw';
const csv = (name, ...rows) => {
  const path = join(folder, name);
  writeFileSync(path, `${rows.join('\n')}\n`);
  return path;
};
await step('replay: a good file under each policy', async () => {
  const path = csv('good.csv', header, 's1,a,1,40,40,5,7', 's2,a,3,60,50,8,7');
  for (const policy of ['uncontrolled', 'fcfs', 'edf', 'llf', 'rr', 'orderly']) {
    const answer = await tianqu(['replay', path, '--limit-kw', '9', '--city', city, '--policy', policy, '--json']);
    same(answer.code, 0, answer.all);
    check(Object.keys(JSON.parse(answer.out)).length > 3, answer.out);
  }
});
const sheets = [
  ['without its columns', ['a,b', '1,2'], [':1', 'session_id']],
  ['a negative energy', [header, 's1,a,1,40,40,-5,7'], [':2', 'requested_kwh', '-5']],
  ['a power in words', [header, 's1,a,1,40,40,5,7', 's2,a,1,40,40,5,seven'], [':3', 'max_kw', 'seven']],
  ['gone before it came', [header, 's1,a,40,1,1,5,7'], [':2', 'departure_5min']],
  ['a row cut short', [header, 's1,a,1'], [':2']],
  ['the same session twice', [header, 's1,a,1,40,40,5,7', 's1,a,1,40,40,5,7'], [':3', 'session_id', 's1']],
];
for (const [name, rows, words] of sheets) {
  await step(`replay: ${name} is named by line and field`, async () => {
    const answer = await tianqu(['replay', csv('bad.csv', ...rows), '--limit-kw', '9']);
    refused(answer, name, 'bad.csv', ...words);
    same(answer.code, 1, 'status');
  });
}
await step('replay: wrong options', async () => {
  const path = csv('good.csv', header, 's1,a,1,40,40,5,7');
  refused(await tianqu(['replay', path, '--limit-kw', 'ten']), 'ten', 'ten');
  refused(await tianqu(['replay', path, '--limit-kw', '9', '--policy', 'magic']), 'magic', 'magic', 'orderly');
  refused(await tianqu(['replay', join(folder, 'none.csv'), '--limit-kw', '9']), 'none.csv', 'none.csv');
  refused(await tianqu(['replay', path, '--limit-kw', '9', '--network', folder]), 'two limits', '--network');
});

const sqlite = (data, sql) => execFileSync('sqlite3', [join(data, 'journal.db'), sql], { encoding: 'utf8' }).trim();
const copied = (name) => {
  const copy = join(folder, name);
  cpSync(join(folder, 'simulated'), copy, { recursive: true });
  return copy;
};
await step('journal show and tail print events as JSON', async () => {
  const shown = await tianqu(['journal', 'show', join(folder, 'simulated'), '--from', '2', '--count', '3']);
  same(shown.code, 0, shown.all);
  same(shown.out.trim().split('\n').map((line) => JSON.parse(line).sequence), [2, 3, 4], 'sequences');
  const tail = await tianqu(['journal', 'tail', join(folder, 'simulated'), '-n', '1']);
  same(JSON.parse(tail.out).sequence, Number(sqlite(join(folder, 'simulated'), 'SELECT max(sequence) FROM event')), 'the last');
});
const damages = [
  ['a flipped bit of a payload', "UPDATE event SET payload = CAST(X'00' || substr(payload, 2) AS BLOB) WHERE sequence = 3", '3'],
  ['another principal', "UPDATE event SET principal = 'user:mallory' WHERE sequence = 4", '4'],
  ['another time', 'UPDATE event SET received = received + 1 WHERE sequence = 2', '2'],
  ['a removed event', 'DELETE FROM event WHERE sequence = 3', '3'],
  ['a flipped bit of a hash', "UPDATE event SET hash = CAST(X'00' || substr(hash, 2) AS BLOB) WHERE sequence = 4", '4'],
];
for (const [name, sql, sequence] of damages) {
  await step(`journal verify: ${name} is found and its sequence named`, async () => {
    const copy = copied(`damaged ${name}`);
    sqlite(copy, sql);
    const answer = await tianqu(['journal', 'verify', copy]);
    refused(answer, name, sequence);
    check(new RegExp(`\\b${sequence}\\b`).test(answer.all), answer.all);
    same(answer.code, 1, 'status');
  });
}
await step('journal rebuild makes views anew that verify', async () => {
  const copy = copied('rebuilt');
  for (const name of readdirSync(copy)) if (name.startsWith('views.db')) writeFileSync(join(copy, name), 'no database');
  const answer = await tianqu(['journal', 'rebuild', copy]);
  same(answer.code, 0, answer.all);
  const verified = await tianqu(['journal', 'verify', copy]);
  same(verified.code, 0, verified.all);
});
await step('journal: a directory that is none', async () => {
  mkdirSync(join(folder, 'empty'));
  for (const action of ['verify', 'rebuild', 'show']) {
    const answer = await tianqu(['journal', action, join(folder, 'empty')]);
    refused(answer, action, 'empty');
    same(answer.code, 2, `status of ${action}`);
  }
  same(readdirSync(join(folder, 'empty')), [], 'what was left behind');
});

await step('user add: a key, another key of the same user, a link, a wrong name', async () => {
  const data = ['--data', join(folder, 'users')];
  const key = async (...args) => tianqu(['user', 'add', ...args, '--api-key', ...data]);
  const first = await key('anna', '--role', 'viewer');
  const second = await key('anna', '--role', 'viewer');
  const secrets = [first, second].map((each) => each.out.trim().split('\n').at(-1));
  check(secrets.every((secret) => /^tq_\S{20}/.test(secret)) && secrets[0] !== secrets[1], first.all + second.all);
  refused(await key('anna', '--role', 'administrator'), 'a key with more rights than its user', 'role', 'viewer');
  const link = await tianqu(['user', 'add', 'bob', '--role', 'operator', ...data]);
  check(link.code === 0 && /welcome#\S{20}/.test(link.out), link.all);
  refused(await key('bad name'), 'a name with a space', 'bad name');
  refused(await key('anna', '--role', 'king'), 'king', '--role', 'king');
  const list = await tianqu(['user', 'list', ...data]);
  check(/anna\tviewer.*API keys 2/.test(list.out), list.all);
  check(!secrets.some((secret) => list.all.includes(secret)), 'the list shows a key');
  same((await tianqu(['user', 'remove', 'anna', ...data])).code, 0, 'removing');
  refused(await tianqu(['user', 'remove', 'anna', ...data]), 'removing twice', 'anna');
});
await step('user add while the server runs: the key works at once and ends with its user', async () => {
  const server = await new Server(join(folder, 'users')).start();
  const key = await server.makeKey('carl');
  same((await server.request('GET', '/overview')).status, 200, 'with the key');
  same((await tianqu(['user', 'remove', 'carl', '--data', server.data])).code, 0, 'removing');
  same((await server.request('GET', '/overview', undefined, { key })).status, 401, 'with the removed user’s key');
  same((await server.stop()).code, 0, 'the end');
});
await finish();
