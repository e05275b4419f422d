import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { test } from 'node:test';
import { nodeHost } from '../../src/host/node.ts';
import { remembered } from '../../src/service/remembered.ts';
import { scratchFolder } from '../contract/scratch.ts';
import { attempt } from './attempt.ts';
import { changed, changes } from './mutation.ts';

const limits = { timeout: 3_600_000 };

test('what is remembered of a service, altered, is read right or refused', limits, (t) => {
  const host = nodeHost();
  const folder = scratchFolder(t, host);
  const memory = remembered(
    { host, folder, releaseFolders: [], environment: process.env },
    'masked',
  );
  memory.keep({ unit: 'enabled', state: 'active' });
  const file = join(folder, readdirSync(folder)[0] ?? '');
  const whole = readFileSync(file);
  attempt(t, changes, (all) => {
    writeFileSync(file, changed(whole, all));
    memory.read();
  });
});
