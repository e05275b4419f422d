import { resolve } from 'node:path/posix';
import { z } from 'zod';
import { adopt, type Adopted } from '../../switch/adopt/adopt.ts';
import { unknownNote } from '../../switch/stage/synthesised.ts';
import { alone } from '../alone.ts';
import { decider } from '../deciding.ts';
import { refuseInterrupted } from '../interrupted.ts';
import { openGround } from '../open.ts';
import { table } from '../output.ts';
import { trialOptions } from '../run-events.ts';
import { askingOf, decisionsFrom } from '../running.ts';
import { parseGiven, type CommandDefinition } from './definition.ts';

const flags = z.object({
  release: z
    .string('--release VERSION is needed')
    .transform((text) => text.replace(/^v(?=\d)/, '')),
  files: z.string().optional(),
  state: z.string().optional(),
  running: z.string().optional(),
  decide: z.array(z.string()).default([]),
  yes: z.boolean().default(false),
});

export const adoptCommand: CommandDefinition = {
  example: 'backstep adopt --release 1.2.1 --files ./sdm-1.2.1 --state ./backup/v1.2.1',
  options: {
    '--release <version>': { text: 'the release that the backup was made under' },
    '--files <folder>': {
      text: 'its program files (default: backup/v<version> where the releases are)',
    },
    '--state <folder>': {
      text: 'the old backup, or what holds it (default: backup/v<version> in the data folder)',
    },
    '--running <version>': { text: 'the version that runs, if its files do not tell' },
    '--decide <place=choice>': {
      text: 'what becomes of changes in a place that the upgrade rewrote: as-is, park or before',
      isRepeated: true,
    },
    '--yes': { text: 'ask nothing; take the maps and moves that the data proves' },
  },
  takesLock: true,
  run: async (call, given) => {
    const wishes = parseGiven(flags, given.flags);
    const ground = openGround(call);
    const absolute = (path: string | undefined): string | null =>
      path === undefined ? null : resolve(call.cwd, path);
    const request = {
      release: wishes.release,
      files: absolute(wishes.files),
      state: absolute(wishes.state),
      running: wishes.running ?? null,
      decisions: decisionsFrom(call, wishes.decide),
    };
    const isAsked = askingOf(call) !== null && !wishes.yes;
    const decide = decider(call, isAsked ? new Map() : null);
    const adopted = await alone(call, ground, {
      purpose: `adopt ${wishes.release}`,
      work: () => {
        refuseInterrupted(ground);
        return adopt(ground, request, { ...trialOptions(call), decide });
      },
    });
    call.output.result(adopted, linesOf(adopted));
    return 0;
  },
};

function linesOf(adopted: Adopted): string[] {
  const { from, to, added, backup, assets, notes } = adopted;
  const unknown = Object.entries(assets).filter(([, asset]) => asset.unknown.length > 0);
  return [
    `the upgrade from ${from} to ${to} is on record now, made of ${Object.values(backup).join(', ')}`,
    ...added.map((version) => `release ${version} is known now`),
    '',
    ...table([
      ['asset', 'files in the backup', 'words mapped', 'decided'],
      ...Object.entries(assets).map(([name, { unitCount, mapped, decisions }]) => [
        name,
        String(unitCount),
        mapped.join(', ') || '–',
        decisions.map(({ place, choice }) => `${place}: ${choice}`).join(', ') || '–',
      ]),
    ]),
    '',
    ...unknown.map(([name, asset]) => `note: ${unknownNote(name, asset.unknown)}`),
    ...parkedLines(adopted),
    ...notes.map((note) => `note: ${note}`),
    `see what going back would do: backstep plan --to ${from}`,
  ];
}

/** What nobody decided is parked; a reversal file may still say better. */
function parkedLines({ from, to, assets }: Adopted): string[] {
  const decided = Object.entries(assets).flatMap(([name, { decisions }]) =>
    decisions
      .filter(({ by, choice }) => by === 'default' && choice === 'park')
      .map(({ place }) => `${name}.${place}`),
  );
  if (decided.length === 0) return [];
  return [
    `note: changes in ${decided.join(', ')} will be parked: no rule reads them backwards`,
    `      write reversals/${to}-to-${from}.yaml, or say otherwise with --decide PLACE=CHOICE`,
  ];
}
