// A charge point: the RPC client of another project in its strict mode, which checks every message, in and out, against
// the schemas of OCPP 1.6.
import { RPCClient } from 'ocpp-rpc';
import { WebSocket } from 'ws';
import { check, cleanup, until } from '../support/outside.mjs';

/** Every message of the server, or of ours, that a schema refused. Has to stay empty. */
export const violations = [];
export const boot = { chargePointVendor: '德州电器', chargePointModel: 'DZ-7', chargePointSerialNumber: 'SN-1', firmwareVersion: '1.0.3' };
export const now = () => new Date().toISOString();

export class Charger {
  constructor(server, identity, options = {}) {
    this.identity = identity;
    this.calls = [];
    // What every charger is asked when it comes on line: which profiles it understands.
    this.answers = new Map([['GetConfiguration', { configurationKey: [{ key: 'ChargingScheduleAllowedChargingRateUnit', readonly: true, value: 'Current,Power' }] }]]);
    this.client = new RPCClient({
      endpoint: server.ocpp,
      identity,
      protocols: ['ocpp1.6'],
      strictMode: true,
      callTimeoutMs: 120_000,
      backoff: { initialDelay: 100, maxDelay: 500, factor: 2, randomisationFactor: 0.2 },
      ...options,
    });
    this.client.on('strictValidationFailure', (failure) => violations.push(`${identity}: ${failure.outbound ? 'ours' : 'the server’s'} ${failure.method ?? ''} ${failure.error?.message} ${JSON.stringify(failure.params ?? failure.result)} ${JSON.stringify(failure.error?.details ?? '')}`));
    this.client.on('badMessage', (bad) => violations.push(`${identity}: a message that is none: ${bad.buffer}`));
    this.client.handle(({ method, params }) => {
      this.calls.push({ method, params });
      const answer = this.answers.get(method);
      if (typeof answer === 'function') return answer(params);
      return answer ?? { status: 'Accepted' };
    });
    cleanup(() => this.client.close({ force: true }).catch(() => undefined));
  }

  connect() {
    return this.client.connect();
  }

  call(method, params) {
    return this.client.call(method, params);
  }

  close() {
    return this.client.close();
  }

  async boot(expected = 'Accepted') {
    const answer = await this.call('BootNotification', boot);
    check(answer.status === expected, `boot: ${JSON.stringify(answer)}, expected ${expected}`);
    return answer;
  }

  /** The first call of the server that fits, among those that came or within patience. */
  received(method, fits = () => true) {
    return until(`${this.identity} gets ${method}`, () => this.calls.find((each) => each.method === method && fits(each.params)));
  }

  status(status, connectorId = 1) {
    return this.call('StatusNotification', { connectorId, errorCode: 'NoError', status, timestamp: now() });
  }

  async begin(idTag, meterStart, timestamp = now()) {
    await this.status('Preparing');
    const answer = await this.call('StartTransaction', { connectorId: 1, idTag, meterStart, timestamp });
    check(answer.idTagInfo.status === 'Accepted' && answer.transactionId > 0, `start: ${JSON.stringify(answer)}`);
    await this.status('Charging');
    return answer.transactionId;
  }
}

export function meter(transactionId, register, watts = 3000, timestamp = now()) {
  return {
    connectorId: 1,
    transactionId,
    meterValue: [{
      timestamp,
      sampledValue: [
        { value: String(register), measurand: 'Energy.Active.Import.Register', unit: 'Wh' },
        { value: String(watts), measurand: 'Power.Active.Import', unit: 'W' },
      ],
    }],
  };
}

/** A socket without any client's help: what a charger sends byte by byte. */
export class RawSocket {
  constructor(server, identity, protocols = ['ocpp1.6'], options = {}) {
    this.socket = new WebSocket(`${server.ocpp}/${encodeURIComponent(identity)}`, protocols, { perMessageDeflate: false, ...options });
    this.received = [];
    this.closed = false;
    this.refusal = null;
    this.socket.on('message', (data) => this.received.push(String(data)));
    this.socket.on('close', (code) => {
      this.closed = true;
      this.code = code;
    });
    this.socket.on('error', () => undefined);
    this.socket.on('unexpected-response', (request, response) => {
      this.refusal = response.statusCode;
      request.destroy();
      this.closed = true;
    });
    cleanup(() => this.socket.terminate());
  }

  opened() {
    return until('the socket opens or is refused', () => this.socket.readyState === WebSocket.OPEN || this.closed).then(() => !this.closed);
  }

  send(bytes) {
    this.socket.send(bytes, { binary: false });
  }

  /** The next answer from the server, or null when it closes. The server's own calls are answered meanwhile. */
  async next() {
    for (;;) {
      await until('an answer', () => this.received.length || this.closed);
      if (!this.received.length) return null;
      const message = JSON.parse(this.received.shift());
      if (message[0] !== 2) return message;
      this.send(JSON.stringify([3, message[1], message[2] === 'GetConfiguration' ? {} : { status: 'Accepted' }]));
    }
  }
}
