import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { z } from '../src/form/schema.ts';
import { Managed } from '../test/scenario/managed.ts';
import { setUp } from '../test/scenario/people.ts';

const report = z.object({
  release: z.string(),
  checks: z.array(z.object({ name: z.string(), status: z.string(), measured: z.string() })),
});

/** Every check of `backstep verify` on Social Download Manager, after an upgrade and a rollback. */
async function measure(): Promise<z.output<typeof report>> {
  const clean: (() => void | Promise<void>)[] = [];
  try {
    const scope = { after: (done: () => void | Promise<void>) => void clean.push(done) };
    const managed = await Managed.install(scope, ['1.2.1', '2.0.0']);
    await managed.document('service', 'start');
    await setUp(managed.client());
    await managed.document('verify', '--record');
    await managed.document('upgrade', '--to', '2.0.0', '--yes');
    await managed.document('rollback', '--yes');
    const { stdout } = await managed.backstep('verify', '--json');
    return report.parse(JSON.parse(stdout.replaceAll(managed.folder, '…')));
  } finally {
    for (const done of clean) await done();
  }
}

const { release, checks } = await measure();
const measured = {
  at: new Date().toISOString().slice(0, 10),
  release,
  on: `on ${cpus().length} processors with other work on them`,
  checks: Object.fromEntries(
    checks.map(({ name, status, measured: found }) => [name, `${status}, ${found}`]),
  ),
};
const head = '# What `node scripts/measure-manual.ts` found last.\n';
const file = join(import.meta.dirname, '../docs/manual/measured.yaml');
writeFileSync(file, head + stringify(measured, { lineWidth: 0 }));
