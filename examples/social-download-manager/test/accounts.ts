import assert from 'node:assert/strict';
import type { Client } from './client.ts';
import type { RunningServer } from './running.ts';

export const password = 'correct horse battery';

/** Makes the first account of a new server; the client is signed in as an administrator. */
export async function firstAccount(server: RunningServer, name = 'owner'): Promise<Client> {
  const client = server.client();
  const answer = await client.post('/api/setup', { name, password });
  assert.equal(answer.status, 201, answer.text);
  return client;
}

/** Adds a member; the client is signed in as that member. */
export async function addMember(
  server: RunningServer,
  admin: Client,
  name: string,
): Promise<Client> {
  const added = await admin.post('/api/users', { name, password, role: 'member' });
  assert.equal(added.status, 201, added.text);
  return signedIn(server, name);
}

/** A new client that has signed in. */
export async function signedIn(server: RunningServer, name: string): Promise<Client> {
  const client = server.client();
  const answer = await client.post('/api/login', { name, password });
  assert.equal(answer.status, 200, answer.text);
  return client;
}
