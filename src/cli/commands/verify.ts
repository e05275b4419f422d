import { join, resolve } from 'node:path/posix';
import { z } from 'zod';
import { BackstepError } from '../../fault/backstep-error.ts';
import { installedBrowser } from '../../host/node-browser.ts';
import { makeDurableFolders, readWhole, replaceWhole } from '../../host/whole-file.ts';
import { bookNow } from '../../switch/operations.ts';
import type { Ground } from '../../switch/ground.ts';
import { usageOf } from '../../verify/checks/processes.ts';
import { expectedOf, recordExpected } from '../../verify/expected.ts';
import {
  renderVerification,
  reportName,
  verificationLines,
  verificationReport,
  type VerificationReport,
} from '../../verify/report.ts';
import { verifyApplication } from '../../verify/verify.ts';
import { alone } from '../alone.ts';
import type { Call } from '../context.ts';
import { openGround } from '../open.ts';
import { parseGiven, type CommandDefinition } from './definition.ts';

const flags = z.object({
  version: z.string().optional(),
  log: z.string().optional(),
  out: z.string().optional(),
  record: z.boolean().default(false),
});

export const verifyCommand: CommandDefinition = {
  example: 'backstep verify --version 1.2.1 --log rollback.log',
  takesLock: true,
  options: {
    '--version <release>': { text: 'the release that should run (default: the one on record)' },
    '--log <file>': { text: 'append one line a check to this file' },
    '--out <folder>': { text: 'where the report goes (default: the state folder)' },
    '--record': { text: 'take what is there now as what is expected of this release' },
  },
  run: async (call, given) => {
    const { version, log, out, record } = parseGiven(flags, given.flags);
    const ground = openGround(call);
    const release = version?.replace(/^v(?=\d)/, '') ?? bookNow(ground).release;
    if (record) return recordNow(call, ground, release);
    const expected = release === null ? null : expectedOf(ground, release);
    const { signal, host } = call;
    const browser = installedBrowser(call.system.env['PATH'] ?? '');
    const checks = await verifyApplication({ ground, release, expected, browser, signal });
    const timestamp = new Date(host.clock.now()).toISOString();
    const told = expected === null ? null : `${expected.source} of ${expected.at}`;
    const { app } = ground.manifest;
    const report = verificationReport({ timestamp, app, release, expected: told }, checks);
    const folder = keep(ground, report, out === undefined ? null : resolve(call.cwd, out));
    if (log !== undefined) appendTo(call, resolve(call.cwd, log), report);
    call.output.result(report, [
      ...verificationLines(report),
      `report: ${folder}/${reportName}.html`,
    ]);
    return report.error_count === 0 ? 0 : 7;
  },
};

async function recordNow(call: Call, ground: Ground, release: string | null): Promise<number> {
  if (release === null || release !== ground.releases.current()) {
    throw new BackstepError('usage', {
      message: `${release ?? 'no release'} is not in its place, so nothing can be recorded of it`,
      hint: 'see `backstep status`',
    });
  }
  const usage = await usageOf(ground, call.signal);
  const measures = {
    memoryBytes: usage?.memoryBytes ?? null,
    cpuShare: usage?.cpuShare ?? null,
  };
  const content = await alone(call, ground, {
    purpose: `record what is expected of ${release}`,
    work: () => Promise.resolve(recordExpected(ground, release, measures)),
  });
  call.output.result(content, [`recorded: ${release} as it is now`]);
  return 0;
}

/** Two files under the manual's name; earlier ones of the same folder are replaced. */
function keep({ host, folders }: Ground, report: VerificationReport, out: string | null): string {
  const time = report.timestamp.replaceAll(/[-:.]/g, '');
  const folder = out ?? join(folders.root, 'verifications', time);
  makeDurableFolders(host.disk, folder, 0o700);
  const json = Buffer.from(`${JSON.stringify(report, null, 2)}\n`);
  replaceWhole(host, join(folder, `${reportName}.json`), { bytes: json, mode: 0o600 });
  const html = Buffer.from(renderVerification(report));
  replaceWhole(host, join(folder, `${reportName}.html`), { bytes: html, mode: 0o600 });
  return folder;
}

function appendTo(
  { host }: Call,
  path: string,
  { verification_log: lines }: VerificationReport,
): void {
  const { disk } = host;
  const stat = disk.lstat(path);
  const before = stat === null ? Buffer.alloc(0) : readWhole(disk, path);
  const bytes = Buffer.concat([before, Buffer.from(`${lines.join('\n')}\n`)]);
  replaceWhole(host, path, { bytes, mode: stat?.mode ?? 0o600 });
}
