import { join } from 'node:path/posix';
import type { MergeRequest, MergeResult, Side } from '../../asset/asset.ts';
import { mergeDocuments } from '../../asset/json-merge.ts';
import { surveyDocuments } from '../../asset/json-survey.ts';
import { damageOf, workingFile } from '../../asset/sqlite-file.ts';
import { mergeSqlite } from '../../asset/sqlite-merge.ts';
import { surveySqlite } from '../../asset/sqlite-survey.ts';
import { BackstepError } from '../../fault/backstep-error.ts';
import type { Host } from '../../host/host.ts';
import { makeFolders, readWhole } from '../../host/whole-file.ts';
import { readDocument } from '../../law/json/document.ts';
import type { DocumentProposal } from '../../law/json/propose/proposal.ts';
import type { Finding } from '../../law/place.ts';
import type { Reversal } from '../../law/reversal/reversal.ts';
import { jsonAsset } from '../../manifest/kinds/json.ts';
import { sqliteAsset } from '../../manifest/kinds/sqlite.ts';
import type { AssetOf } from '../../manifest/manifest.ts';
import { companions, type Inputs, type Role } from './inputs.ts';

/** What the upgrade did, from the pair alone. */
export interface MergeSurvey {
  readonly findings: readonly Finding[];
  /** What the data suggests for a document. */
  readonly proposals: readonly DocumentProposal[];
  readonly oneWay: readonly string[];
  readonly notes: readonly string[];
}

/** The three states of one thing, read as an asset of its kind would be read, without a manifest. */
export interface Subject {
  survey(reversal: Reversal | null): Promise<MergeSurvey>;
  merge(request: Omit<MergeRequest, 'base' | 'origin' | 'latest'>): Promise<MergeResult>;
}

export interface SubjectWishes {
  /** The name under which a reversal file and decisions speak of it. */
  readonly asset: string;
  /** The name of its file there. */
  readonly unit: string;
  /** A folder for working files, of which nothing is there yet. */
  readonly scratch: string;
  /** Reads what can be read where `now` is a damaged database. */
  readonly salvages: boolean;
  /** Carries deletions and overwritten values, however many they are. */
  readonly carriesAll: boolean;
}

export function openSubject(host: Host, inputs: Inputs, wishes: SubjectWishes): Subject {
  return inputs.kind === 'sqlite'
    ? openDatabase(host, inputs, wishes)
    : openDocument(host, inputs, wishes);
}

/** What a manifest would say of an asset and nothing says here. */
const unsaid = { territory: [], inner: [] };

function openDatabase(host: Host, inputs: Inputs, wishes: SubjectWishes): Subject {
  const { unit, asset: name, scratch } = wishes;
  const written = sqliteAsset.parse({ kind: 'sqlite', path: unit });
  const asset: AssetOf<'sqlite'> = {
    ...written,
    ...unsaid,
    name,
    carryLimit: limitOf(written, wishes),
  };
  const sides = databaseSides(host, inputs, wishes);
  return {
    survey: (reversal) => {
      const folder = join(scratch, 'survey');
      const pair = { before: sides.before, after: sides.after };
      const survey = surveySqlite(host, { asset, unit }, { ...pair, reversal, scratch: folder });
      return Promise.resolve({ ...survey, proposals: [] });
    },
    merge: (request) => mergeSqlite(host, { asset, unit }, { ...request, ...requestSides(sides) }),
  };
}

function openDocument(host: Host, inputs: Inputs, wishes: SubjectWishes): Subject {
  const { disk } = host;
  const { unit, asset: name } = wishes;
  const written = jsonAsset.parse({ kind: 'json', root: '.', files: [unit] });
  const asset: AssetOf<'json'> = {
    ...written,
    ...unsaid,
    name,
    carryLimit: limitOf(written, wishes),
  };
  const bytesOf = (role: Role): Buffer => readWhole(disk, inputs.files[role].path);
  for (const { role, written: file } of Object.values(inputs.files)) {
    readDocument(bytesOf(role), file);
  }
  const side = (role: Role): Side => new Map([[unit, inputs.files[role].path]]);
  const sides = { before: side('before'), after: side('after'), now: side('now') };
  return {
    survey: async (reversal) => {
      const request = {
        before: sides.before,
        after: sides.after,
        reversal,
        scratch: wishes.scratch,
      };
      const { proposals = [], ...survey } = await surveyDocuments(host, asset, request);
      return { ...survey, proposals };
    },
    merge: (request) => mergeDocuments(host, asset, { ...request, ...requestSides(sides) }),
  };
}

function limitOf<Limit extends { readonly unattended: 'park' | 'carry' }>(
  { carryLimit }: { readonly carryLimit: Limit },
  { carriesAll }: SubjectWishes,
): Limit {
  return carriesAll ? { ...carryLimit, unattended: 'carry' } : carryLimit;
}

function requestSides(
  sides: Readonly<Record<Role, Side>>,
): Pick<MergeRequest, 'base' | 'origin' | 'latest'> {
  return { base: sides.before, origin: sides.after, latest: sides.now };
}

/** Each database with nothing waiting beside it, under a name of its own, so that its folder is not written. */
function databaseSides(host: Host, inputs: Inputs, wishes: SubjectWishes): Record<Role, Side> {
  const { disk } = host;
  const { unit, scratch } = wishes;
  makeFolders(disk, join(scratch, 'inputs'), 0o700);
  const side = (role: Role): Side => {
    const { path, written } = inputs.files[role];
    const waiting = companions.filter((companion) => disk.lstat(path + companion) !== null);
    const found = new Map([
      [unit, path],
      ...waiting.map((companion): [string, string] => [unit + companion, path + companion]),
    ]);
    const working = workingFile(disk, found, { unit, path: join(scratch, 'inputs', `${role}.db`) });
    if (working === null) throw new Error(`${written} vanished`);
    const damage = role === 'now' && wishes.salvages ? null : damageOf(working);
    if (damage !== null) throw damaged({ role, written, damage });
    return new Map([[unit, working]]);
  };
  return { before: side('before'), after: side('after'), now: side('now') };
}

function damaged(found: {
  readonly role: Role;
  readonly written: string;
  readonly damage: string;
}): BackstepError {
  const hint =
    found.role === 'now'
      ? 'copy it again from where it came; or run with --salvage, which keeps what can be read'
      : 'copy it again from where it came; a merge begins with this state, so it must be whole';
  return new BackstepError('merge/input', {
    message: `${found.role}: ${JSON.stringify(found.written)} is damaged: ${found.damage}`,
    hint: `${hint}; nothing was written`,
  });
}
