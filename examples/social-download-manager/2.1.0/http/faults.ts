import { faultNames, faultOf, type Fault } from '../faults/fault.ts';
import { Refusal } from '../refusal.ts';
import { optional, record, ShapeError, text, type Parser } from '../shape.ts';
import type { Application } from './application.ts';
import { checkToken } from './operator.ts';
import { Problem } from './problem.ts';
import { empty, json, type Reply } from './reply.ts';
import type { Call, Route } from './router.ts';

const path = '/admin/faults';
const name = text({ min: 1, max: 50 });

/** A number or a text; both are kept as text. */
const faultValue: Parser<string> = (value, at) => {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  throw new ShapeError(`${at}: a number or text is expected`);
};
const newFault = record({ name, value: optional(faultValue) });

/** Switches faults on and off: from this machine alone and with an API token, so that no web page can. */
export function faultRoutes(app: Application): readonly Route[] {
  const route = (method: Route['method'], act: (call: Call) => Reply): Route => ({
    method,
    path: method === 'DELETE' ? `${path}/:name` : path,
    access: 'anyone',
    handle(call) {
      checkLoopback(call);
      checkToken(app, call);
      return act(call);
    },
  });
  return [
    route('GET', () => json(200, { faults: app.faults.all(), names: faultNames })),
    route('POST', (call) => switchOn(app, call)),
    route('DELETE', ({ params }) => switchOff(app, params['name'] ?? '')),
  ];
}

function switchOn(app: Application, { body }: Call): Reply {
  const { name: wanted, value = null } = body(newFault);
  const fault = refusedAs(400, () => faultOf(wanted, value));
  refusedAs(409, () => app.faults.switchOn(fault));
  return json(201, { fault: app.faults.all().find((one) => one.name === fault.name) });
}

function switchOff(app: Application, wanted: string): Reply {
  const known = faultNames.find((one): one is Fault['name'] => one === wanted);
  if (known !== undefined && app.faults.switchOff(known)) return empty();
  throw new Problem(404, 'fault/off', { message: 'No such fault is switched on.' });
}

function refusedAs<T>(status: number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Problem(status, 'fault/refused', { message: error.message, hint: error.hint });
  }
}

function checkLoopback({ request }: Call): void {
  if (isLoopback(request.socket.remoteAddress ?? '')) return;
  throw new Problem(403, 'fault/not-local', {
    message: 'Faults are switched from this machine alone.',
  });
}

/** Whether an address of a peer is this machine's own: 127.0.0.0/8 or ::1. */
export function isLoopback(address: string): boolean {
  return address === '::1' || /^(?:::ffff:)?127(?:\.\d{1,3}){3}$/.test(address);
}
