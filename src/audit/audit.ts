import type { Host } from '../host/host.ts';
import { makeDurableFolders } from '../host/whole-file.ts';
import { pseudonymOf } from './actors.ts';
import { appendLines, type Pen } from './append.ts';
import type { AuditEntry } from './line.ts';
import type { PrunedData } from './own-lines.ts';
import { prunable, pruneSegments } from './prune.ts';
import { redacted, redactedData } from './redaction.ts';

/**
 * What was done, decided, approved and refused, and by whom: a hash chain that is signed, a file a month
 * (docs/formats/audit.md). Entries are durable when `record` resolves. Crash: whole lines, and at most one torn last
 * line, which the next entry cuts off and tells of. Throws `disk/…` where it cannot be written, and `store/locked`.
 */
export interface Audit {
  readonly folder: string;
  /** `closes`: a checkpoint follows, whenever the last one was. Without entries it signs what is there. */
  record(entries: readonly AuditEntry[], options?: { readonly closes: boolean }): Promise<void>;
  /** Moves whole months that are older than that into a folder, accountably; null where there are none. */
  prune(wish: { readonly months: number; readonly archive: string }): Promise<PrunedData | null>;
}

export interface AuditSite {
  readonly host: Host;
  /** Absolute; made (0700) when something is recorded. */
  readonly folder: string;
  /** Who acts: an account of the machine. It is never in the log itself. */
  readonly account: string;
  /** Runs the work while no other process writes there. */
  readonly exclusively: <T>(work: () => T) => Promise<T>;
}

export function openAudit(site: AuditSite): Audit {
  const { host, folder, account, exclusively } = site;
  const pen = (): Pen => ({ host, folder, actor: pseudonymOf(host, folder, account) });
  return {
    folder,
    record: async (entries, options) => {
      makeDurableFolders(host.disk, folder, 0o700);
      await exclusively(() => {
        const clean = entries.map(({ act, run, data }) => ({
          act,
          run: run === null ? null : redacted(run),
          data: redactedData(data),
        }));
        appendLines(pen(), clean, options ?? { closes: false });
      });
    },
    prune: ({ months, archive }) =>
      exclusively(() => {
        const old = prunable(host.disk, folder, { nowMs: host.clock.now(), months });
        return old.length === 0 ? null : pruneSegments(pen(), old, archive);
      }),
  };
}
