import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { bootSystemd, whyNoSystemd } from './systemd-machine.ts';

const unit = (lines: string) => `[Unit]\nDefaultDependencies=no\n[Service]\n${lines}\n`;
const long = 'ExecStart=/bin/sh -c "sleep 1000 & sleep 1000"\nRestart=always\nRestartSec=0';
const etc = '/etc/systemd/system';

/** The acts on them stand in `systemd-acts.ts`, which runs beside that systemd. */
const units = {
  [`${etc}/local.service`]: unit(long),
  '/usr/lib/systemd/system/vendor.service': unit(long),
  [`${etc}/stubborn.service`]: unit(
    `ExecStart=/bin/sh -c "trap '' TERM; while :; do sleep 1; done"\nTimeoutStopSec=infinity`,
  ),
  [`${etc}/leaving.service`]: unit(`${long}\nKillMode=process`),
  [`${etc}/crashing.service`]: unit('ExecStart=/bin/sh -c "exit 3"'),
  [`${etc}/listening.service`]: unit(long),
  [`${etc}/listening.socket`]:
    '[Unit]\nDefaultDependencies=no\n[Socket]\nListenStream=/run/listening.sock\n',
};

test('units of a systemd that runs', { timeout: 900_000 }, async (t) => {
  const why = whyNoSystemd();
  if (why !== null) return t.skip(why);
  const machine = await bootSystemd(t, units);
  const acts = fileURLToPath(new URL('systemd-acts.ts', import.meta.url));
  // A test runner within a test runner would take itself for a part of the outer one.
  const ran = machine.run(['env', '-u', 'NODE_TEST_CONTEXT', process.execPath, '--test', acts]);
  assert.equal(ran.status, 0, ran.output);
  assert.match(ran.output, /^. pass 8$/m, ran.output);
  return undefined;
});
