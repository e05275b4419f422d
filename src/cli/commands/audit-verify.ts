import { resolve } from 'node:path/posix';
import { z } from 'zod';
import { anchorText, parseAnchor, type Anchor, type Verdict } from '../../audit/finding.ts';
import { readHead } from '../../audit/head.ts';
import { pemOf, readPublicKey } from '../../audit/keys.ts';
import { verifyAudit } from '../../audit/verify.ts';
import { BackstepError } from '../../fault/backstep-error.ts';
import { readWhole } from '../../host/whole-file.ts';
import { stateFolders } from '../../switch/book.ts';
import type { Call } from '../context.ts';
import { loadCalled } from '../open.ts';
import { parseGiven, type CommandDefinition } from './definition.ts';

const where = z.tuple([z.string().optional()]);
const flags = z.object({ pubkey: z.string().optional(), anchor: z.array(z.string()).default([]) });

export const auditVerifyCommand: CommandDefinition = {
  example: 'backstep audit verify --pubkey auditor/public.pem --anchor 42:SHA256',
  readsOnly: true,
  arguments: { '[folder]': 'a copy of the log (default: the log of this application)' },
  options: {
    '--pubkey <file>': { text: 'a public key of this log that was kept elsewhere' },
    '--anchor <size:hash>': {
      text: 'where the log ended once, as kept elsewhere',
      isRepeated: true,
    },
  },
  run: (call, given) => {
    const [named] = parseGiven(where, given.args);
    const { pubkey, anchor } = parseGiven(flags, given.flags);
    const folder =
      named === undefined ? stateFolders(loadCalled(call).state).audit : resolve(call.cwd, named);
    const verdict = verifyAudit(call.host.disk, {
      folder,
      publicKey: pubkey === undefined ? null : keyIn(call, pubkey),
      anchors: [...anchor.map(anchorOf), ...ownAnchor(call, folder)],
    });
    call.output.result({ folder, ...verdict, anchor: anchorOrNull(verdict) }, lines(verdict));
    return Promise.resolve(verdict.finding === null ? 0 : 7);
  },
};

/** Where the log itself says that it ended: enough against an accident, not against somebody. */
function ownAnchor({ host }: Call, folder: string): Anchor[] {
  const head = readHead(host, folder);
  return head === null ? [] : [{ size: head.seq, hash: head.hash }];
}

function keyIn({ host, cwd }: Call, file: string): string {
  const key = readPublicKey(readWhole(host.disk, resolve(cwd, file)).toString('latin1'));
  if (key !== null) return key;
  throw new BackstepError('usage', {
    message: `--pubkey ${file}: this is no Ed25519 public key in PEM`,
    hint: 'the log’s own lies in `audit/public.pem` of the state folder; keep a copy elsewhere',
  });
}

function anchorOf(written: string): Anchor {
  const anchor = parseAnchor(written);
  if (anchor !== null) return anchor;
  throw new BackstepError('usage', {
    message: `--anchor ${written}: this is no SIZE:HASH`,
    hint: 'write it as `backstep audit verify` printed it',
  });
}

function anchorOrNull({ anchor }: Verdict): string | null {
  return anchor === null ? null : anchorText(anchor);
}

function lines(verdict: Verdict): string[] {
  const { finding, lineCount, months, keys, trust, signedTo } = verdict;
  const span = months.length === 1 ? '1 month' : `${months.length} months`;
  const extent = `${lineCount} lines in ${span}, signed up to line ${signedTo}`;
  if (finding !== null) {
    return [
      `finding: ${finding.finding}`,
      `${finding.file}:${finding.line}: ${finding.text}`,
      `read: ${extent}`,
    ];
  }
  const newest = keys.at(-1);
  return [
    `whole: ${extent}`,
    ...(lineCount === 0 ? ['nothing has been recorded yet'] : []),
    ...(trust === 'own' && newest !== undefined
      ? [
          'no key from elsewhere was given: keep this one and give it with --pubkey',
          pemOf(newest).trim(),
        ]
      : []),
    `anchor: ${anchorOrNull(verdict) ?? '–'}`,
  ];
}
