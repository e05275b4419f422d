import type { RunReport } from '../../src/switch/report/report.ts';
import type { Client } from '../social-download-manager/test/client.ts';
import { ask, type Told } from './ask.ts';
import { compare, type Holdings } from './holdings.ts';
import type { Said } from './installation.ts';
import type { Credentials } from './person.ts';

/** What a release tells; null where nobody answers. */
export async function tell(client: Client, who: Credentials): Promise<Told | null> {
  try {
    return await ask(client, who);
  } catch (error) {
    // What `fetch` throws where nobody listens, or where the connection is cut.
    if (error instanceof TypeError) return null;
    throw error;
  }
}

/** Everything in which an answer differs from what was asked for, one line each. */
export function problemsOf(
  told: Told | null,
  { wanted, version }: { readonly wanted: Holdings; readonly version: string },
): string[] {
  if (told === null) return [`${version} does not answer`];
  const stranger = told.version === version ? [] : [`it is ${told.version} that answers`];
  const differences = compare(wanted, told).map(({ text }) => text);
  return [...stranger, ...told.refusals, ...differences];
}

/** Everything in which a switch did not end as it was to end, one line each. */
export function runProblems(
  wanted: RunReport['result'],
  { said, report }: { readonly said: Said; readonly report: RunReport | undefined },
): string[] {
  const spoken = `${said.stderr}\n${said.stdout}`.split('\n').filter((line) => line.trim() !== '');
  if (report === undefined) return [`exit code ${said.code}`, ...spoken.slice(-6)];
  const { result, fault, assets, objective, checks } = report;
  return [
    ...(said.code === 0 ? [] : [`exit code ${said.code}`]),
    ...(result === wanted ? [] : [`it ended as ${result}, not as ${wanted}`]),
    ...(fault === null ? [] : [`${fault.code}: ${fault.message}`]),
    ...Object.entries(assets)
      .filter(([, { reconciled }]) => !reconciled)
      .map(([name]) => `${name}: a change is neither carried nor parked`),
    ...checks
      .filter(({ status }) => status === 'error')
      .map(({ name, measured }) => `${name}: ${measured}`),
    ...(objective.met === true ? [] : [`the objective for ${objective.type} was not kept`]),
  ];
}
