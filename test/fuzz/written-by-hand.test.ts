import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { nodeHost } from '../../src/host/node.ts';
import { loadReversalFile } from '../../src/law/reversal/load.ts';
import { loadManifest } from '../../src/manifest/load.ts';
import { scratchFolder } from '../contract/scratch.ts';
import { attempt } from './attempt.ts';
import { changed, changes } from './mutation.ts';
import { system } from './switched-application.ts';

const example = join(import.meta.dirname, '../../examples/social-download-manager');
const split = join(import.meta.dirname, '../scenario/split-schema');
const limits = { timeout: 3_600_000 };

const host = nodeHost();
const kinds = { history: 'sqlite', preferences: 'sqlite', settings: 'json', config: 'json' };
const readers = {
  manifest: (file: string): unknown => loadManifest(host.disk, file, system),
  reversal: (file: string): unknown => loadReversalFile(host.disk, file, null),
  'reversal of known assets': (file: string): unknown => loadReversalFile(host.disk, file, kinds),
};

const files: readonly (readonly [file: string, reader: keyof typeof readers])[] = [
  [join(example, 'backstep.yaml'), 'manifest'],
  [join(split, 'backstep.yaml'), 'manifest'],
  [join(example, 'reversals/2.0.0-to-1.2.1.yaml'), 'reversal'],
  [join(example, 'reversals/2.1.0-to-2.0.0.yaml'), 'reversal of known assets'],
  [join(split, 'reversals/2.0.0-to-1.0.0.yaml'), 'reversal'],
];

for (const [source, reader] of files) {
  test(
    `an altered ${source.slice(source.lastIndexOf('/') + 1)} is read right or refused`,
    limits,
    (t) => {
      const file = join(scratchFolder(t, host), source.slice(source.lastIndexOf('/') + 1));
      const whole = readFileSync(source);
      attempt(t, changes, (all) => {
        writeFileSync(file, changed(whole, all));
        const read = readers[reader](file);
        assert(typeof read === 'object' && read !== null);
      });
    },
  );
}
