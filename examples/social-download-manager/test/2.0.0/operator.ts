import assert from 'node:assert/strict';
import type { Answer, Client } from '../client.ts';
import type { DataFolder, RunningServer } from '../running.ts';

/** An operator's tool on this machine: switches faults with an API token. */
export class Operator {
  readonly #client: Client;
  readonly #token: string;

  constructor(client: Client, token: string) {
    this.#client = client;
    this.#token = token;
  }

  get headers(): Readonly<Record<string, string>> {
    return { 'content-type': 'application/json', authorization: `Bearer ${this.#token}` };
  }

  request(method: string, path: string, body?: unknown): Promise<Answer> {
    return this.#client.request(method, path, { headers: this.headers, body: body ?? {} });
  }

  switchOn(name: string, value?: string | number): Promise<Answer> {
    return this.request('POST', '/admin/faults', { name, value });
  }

  switchOff(name: string): Promise<Answer> {
    return this.request('DELETE', `/admin/faults/${name}`);
  }

  /** The faults that are on. */
  async faults(): Promise<readonly unknown[]> {
    const answer = await this.#client.get('/admin/faults', { headers: this.headers });
    assert.equal(answer.status, 200, answer.text);
    return answer.list('faults');
  }

  /** What a fault that is on has done so far. */
  async effectOf(name: string): Promise<Record<string, number>> {
    const fault = (await this.faults()).find((one) => Object(one).name === name);
    assert.ok(fault !== undefined, `${name} is on`);
    return Object(fault).effect;
  }
}

export async function operatorOf(
  folder: DataFolder,
  server: RunningServer,
  label = 'operations',
): Promise<Operator> {
  const made = await folder.run('2.0.0', ['token', 'add', label]);
  assert.equal(made.code, 0, made.stderr);
  return new Operator(server.client(), made.stdout.trim());
}
