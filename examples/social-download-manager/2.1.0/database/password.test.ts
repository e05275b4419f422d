import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashPassword, isPassword } from './password.ts';

test('a password is known again, another one is not', async () => {
  const stored = await hashPassword('correct horse é');
  assert.match(stored, /^scrypt\$32768\$8\$1\$[\w+/=]{24}\$[\w+/=]{44}$/);
  assert.equal(await isPassword('correct horse é'.normalize('NFD'), stored), true);
  assert.equal(await isPassword('correct horse e', stored), false);
  assert.notEqual(await hashPassword('correct horse é'), stored);
});

test('a hash of other costs is still understood', async () => {
  // RFC 7914, section 12: scrypt("password", "NaCl", N=1024, r=8, p=16), the first 32 bytes.
  const hash = Buffer.from(
    'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162',
    'hex',
  );
  const stored = `scrypt$1024$8$16$${Buffer.from('NaCl').toString('base64')}$${hash.toString('base64')}`;
  assert.equal(await isPassword('password', stored), true);
});

test('nobody has a password', async () => {
  assert.equal(await isPassword('', null), false);
});
