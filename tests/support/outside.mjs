// What the tests from outside share: the real program on free loopback ports with a directory of its own, and a count of
// cases that ends in the line the whole suite reads.
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
export const city = join(repository, 'cities/dezhou');
// No verdict depends on speed: this only ends a wait for something that never comes.
export const PATIENCE_MS = 60_000;
export const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

export class Failure extends Error {}

export function check(condition, text) {
  if (!condition) throw new Failure(text);
}

export function same(actual, expected, what) {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  check(got === wanted, `${what}: ${got}, expected ${wanted}`);
}

/** Asks until the condition gives something true, and returns that. */
export async function until(what, condition, patience = PATIENCE_MS) {
  const end = Date.now() + patience;
  for (;;) {
    const value = await condition();
    if (value) return value;
    check(Date.now() < end, `${what}: not within ${patience / 1000} s`);
    await pause(50);
  }
}

const counts = { passed: 0, failed: 0, skipped: 0 };

/** One case; a case that returns {skipped: why} counts as skipped. */
export async function step(name, run) {
  const began = Date.now();
  try {
    const note = await run();
    counts[note?.skipped ? 'skipped' : 'passed'] += 1;
    console.log(`${note?.skipped ? 'skipped' : 'ok     '} ${name}${note?.skipped ? `: ${note.skipped}` : ''} (${Date.now() - began} ms)`);
  } catch (error) {
    counts.failed += 1;
    console.log(`FAILED  ${name}: ${error instanceof Failure ? error.message : error.stack}`);
  }
}

const cleanups = [];
export const cleanup = (run) => cleanups.push(run);

async function cleaned() {
  for (const run of cleanups.splice(0).reverse()) await run();
}

/** Stops every server, removes every directory, prints the count and ends. */
export async function finish() {
  await cleaned();
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  process.exit(counts.failed ? 1 : 0);
}

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => cleaned().finally(() => process.exit(130)));
}

export function program() {
  const path = process.argv[2];
  if (!path) {
    console.error('usage: run PROGRAM');
    process.exit(2);
  }
  return resolve(path);
}

export function temporary() {
  const folder = mkdtempSync(join(tmpdir(), 'tianqu-outside-'));
  cleanup(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs the program to its end: {code, out, err, all}. */
export function tianqu(args, options = {}) {
  return new Promise((done, fail) => {
    execFile(program(), args, { cwd: repository, maxBuffer: 64 << 20, timeout: 5 * PATIENCE_MS, ...options }, (error, out, err) => {
      if (error && typeof error.code !== 'number') fail(new Failure(`tianqu ${args.join(' ')}: ${error.message} (${error.signal ?? ''})`));
      else done({ code: error ? error.code : 0, out, err, all: out + err });
    });
  });
}

/** `tianqu serve` with the given options; port 0 lets the system choose one that is free. */
export class Server {
  constructor(data, options = []) {
    this.data = data;
    this.options = options;
    this.httpPort = 0;
    this.ocppPort = 0;
    this.key = null;
    cleanup(() => this.stop());
  }

  async start() {
    const args = ['serve', '--city', city, '--data', this.data, '--http', `127.0.0.1:${this.httpPort}`, '--ocpp', `127.0.0.1:${this.ocppPort}`, ...this.options];
    const child = spawn(program(), args, { cwd: repository, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    this.output = '';
    child.stdout.on('data', (text) => (this.output += text));
    child.stderr.on('data', (text) => (this.output += text));
    this.ended = new Promise((done) => child.once('exit', (code, signal) => done({ code, signal })));
    let gone = false;
    void this.ended.then(() => (gone = true));
    await until('the server listens', () => {
      check(!gone, `the server ended: ${this.output}`);
      return /stop:\s+Ctrl-C/.test(this.output);
    }, 5 * PATIENCE_MS);
    this.httpPort = Number(/http:\/\/[^/]*:(\d+)\//.exec(this.output)[1]);
    this.ocppPort = Number(/ws:\/\/[^/]*:(\d+)\/ocpp\//.exec(this.output)[1]);
    this.link = /(http:\/\/\S*welcome#\S+)/.exec(this.output)?.[1] ?? null;
    this.url = `http://127.0.0.1:${this.httpPort}`;
    this.ocpp = `ws://127.0.0.1:${this.ocppPort}/ocpp`;
    return this;
  }

  get pid() {
    return this.child.pid;
  }

  alive() {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  async kill(signal = 'SIGKILL') {
    if (this.child && this.alive()) this.child.kill(signal);
    return this.ended;
  }

  async stop() {
    if (!this.child || !this.alive()) return this.ended;
    this.child.kill('SIGTERM');
    const late = setTimeout(() => this.child.kill('SIGKILL'), PATIENCE_MS);
    const end = await this.ended;
    clearTimeout(late);
    return end;
  }

  /** A new key, made by the program while the server runs. */
  async makeKey(name = 'test') {
    const made = await tianqu(['user', 'add', name, '--api-key', '--data', this.data]);
    same(made.code, 0, `tianqu user add: ${made.all}`);
    this.key = made.out.trim().split('\n').at(-1);
    return this.key;
  }

  async request(method, path, body, { key = this.key, raw = false } = {}) {
    const headers = { ...(key ? { authorization: `Bearer ${key}` } : {}), ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
    const content = body === undefined || raw ? body : JSON.stringify(body);
    const response = await fetch(`${this.url}${path.startsWith('/healthz') ? '' : '/api/v1'}${path}`, { method, headers, body: content });
    const text = await response.text();
    let json = null;
    try {
      json = JSON.parse(text);
    } catch {
      // Not every answer is JSON.
    }
    return { status: response.status, body: json, text };
  }

  async get(path) {
    const answer = await this.request('GET', path);
    check(answer.status === 200, `GET ${path}: ${answer.status} ${answer.text}`);
    return answer.body;
  }

  post(path, body) {
    return this.request('POST', path, body);
  }
}
