import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { duration } from '../../src/cli/output.ts';
import type { RunReport } from '../../src/switch/report/report.ts';
import { renderRunHtml } from '../../src/switch/report/report-html.ts';
import { startMediaServer } from '../social-download-manager/media-server/server.ts';
import { parseDemo, usage, type DemoOptions } from './arguments.ts';
import { removeFolder } from './copies.ts';
import type { Installation } from './installation.ts';
import { Person } from './person.ts';
import { openScreen, type Screen } from './screen.ts';
import { tellStory } from './story.ts';

const ownReport = join(import.meta.dirname, '../../dist/demo/report.html');

process.exitCode = await answer(process.argv.slice(2));

async function answer(args: readonly string[]): Promise<number> {
  let options: DemoOptions | null;
  try {
    options = parseDemo(args);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    process.stderr.write(`${error.message}\n\n${usage}`);
    return 2;
  }
  if (options !== null) return demonstrate(options);
  process.stdout.write(usage);
  return 0;
}

/** Tells the story in a temporary folder; 0 only if every answer was right. */
async function demonstrate(options: DemoOptions): Promise<number> {
  const startedMs = performance.now();
  const screen = openScreen((text) => process.stdout.write(text));
  const folder = mkdtempSync(join(tmpdir(), 'backstep-demo-'));
  // Some forty programs are started, each from the same TypeScript: Node translates it once.
  process.env['NODE_COMPILE_CACHE'] ??= join(folder, 'compile-cache');
  const media = await startMediaServer();
  const installations: Installation[] = [];
  const signal = interruption();
  screen.line('Backstep takes an upgrade back, and not the work that was done since.');
  screen.line(`Everything happens on this machine alone, in ${folder}`);
  try {
    const person = new Person(media.origin);
    const report = await tellStory({ options, folder, screen, person, installations, signal });
    if (report !== null) writeReport(screen, report, options);
  } catch (error) {
    if (signal.aborted) return 130;
    throw error;
  } finally {
    for (const installation of installations) await installation.close();
    await media.close();
    if (!options.keeps) removeFolder(folder);
  }
  const { expectations, failures } = screen;
  const took = duration(performance.now() - startedMs);
  screen.line(`${expectations - failures} of ${expectations} answers were right, in ${took}`);
  return failures === 0 ? 0 : 1;
}

/** The applications run under supervisors of their own and would live on: the demo ends at its next step. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => controller.abort());
  }
  return controller.signal;
}

function writeReport(screen: Screen, report: RunReport, { report: given }: DemoOptions): void {
  const path = given === null ? ownReport : resolve(given);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, renderRunHtml(report));
  screen.line(`The report of the rollback: ${path}`);
}
