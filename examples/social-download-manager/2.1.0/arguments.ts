import { parseArgs } from 'node:util';
import { roles, type Role } from './database/users.ts';
import { errorCode } from './database/open.ts';
import { faultNames, parseFault } from './faults/fault.ts';
import { Refusal } from './refusal.ts';
import type { ServeOptions } from './serve.ts';

export const usage = `Social Download Manager

  node server.ts --data DIR [--port 8080] [--host 127.0.0.1]   serves; port 0 takes a free one
  node server.ts migrate --data DIR                            brings a data folder to this release
  node server.ts user add NAME [--role member] --data DIR      adds a user; the password is read from stdin
  node server.ts token add LABEL --data DIR                    makes an API token and prints it
  node server.ts --help | --version

  --fault NAME[=VALUE] with the first of these makes the server go bad, to try out what then happens; it may
  stand there several times: ${faultNames.join(', ')}`;

export type Command =
  | ({ readonly kind: 'serve' } & ServeOptions)
  | { readonly kind: 'migrate'; readonly data: string }
  | { readonly kind: 'user'; readonly data: string; readonly name: string; readonly role: Role }
  | { readonly kind: 'token'; readonly data: string; readonly label: string }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' };

const options = {
  data: { type: 'string' },
  host: { type: 'string' },
  port: { type: 'string' },
  role: { type: 'string' },
  fault: { type: 'string', multiple: true },
  help: { type: 'boolean' },
  version: { type: 'boolean' },
} as const;

type Options = ReturnType<typeof parse>['values'];

/** Reads a command line. Throws `Refusal` with exit code 2. */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  if (values.help === true) return { kind: 'help' };
  if (values.version === true) return { kind: 'version' };
  const [command = 'serve', action, name] = positionals;
  const words = positionals.length;
  if (command === 'serve' && words === 0) return serveCommand(values);
  if (command === 'migrate' && words === 1) return { kind: 'migrate', data: dataOf(values) };
  if (action === 'add' && name !== undefined && words === 3) {
    const data = dataOf(values);
    if (command === 'user') return { kind: 'user', data, name, role: roleOf(values) };
    if (command === 'token') return { kind: 'token', data, label: name };
  }
  throw wrong(`unknown command: ${positionals.join(' ')}`);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    if (error instanceof TypeError && errorCode(error)?.startsWith('ERR_PARSE_ARGS') === true)
      throw wrong(error.message);
    throw error;
  }
}

function serveCommand(values: Options): Command {
  const port = values.port ?? '8080';
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    throw wrong(`--port must be a number from 0 to 65535, not ${port}`);
  const host = values.host ?? '127.0.0.1';
  const faults = (values.fault ?? []).map(parseFault);
  return { kind: 'serve', data: dataOf(values), host, port: Number(port), faults };
}

function dataOf({ data }: Options): string {
  if (data === undefined || data === '') throw wrong('--data DIR is missing');
  return data;
}

function roleOf(values: Options): Role {
  const role = roles.find((known) => known === (values.role ?? 'member'));
  if (role === undefined) throw wrong(`--role must be one of ${roles.join(', ')}`);
  return role;
}

function wrong(message: string): Refusal {
  return new Refusal(message, { exitCode: 2, hint: 'see node server.ts --help' });
}
