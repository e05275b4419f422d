import type { CommandEntry } from './definition.ts';

/**
 * Every command, in the order of the help. One entry each; what a command needs is loaded when it is called, so
 * that none pays for the others.
 */
export const commands: readonly CommandEntry[] = [
  {
    name: 'status',
    summary: 'which release runs, what can be gone back to, what is on hold',
    load: async () => (await import('./status.ts')).statusCommand,
  },
  {
    name: 'upgrade',
    summary: 'migrate a copy of the state, record the pair, and switch to a newer release',
    load: async () => (await import('./upgrade.ts')).upgradeCommand,
  },
  {
    name: 'plan',
    summary: 'what a rollback would do: carried, parked, class, estimate; touches nothing',
    load: async () => (await import('./plan.ts')).planCommand,
  },
  {
    name: 'rollback',
    summary: 'go back to an older release, with what users did since',
    load: async () => (await import('./rollback.ts')).rollbackCommand,
  },
  {
    name: 'return',
    summary: 'go forward again to the release that was left; what was parked comes back',
    load: async () => (await import('./return.ts')).returnCommand,
  },
  {
    name: 'resume',
    summary: 'finish or undo a run that was interrupted',
    load: async () => (await import('./resume.ts')).resumeCommand,
  },
  {
    name: 'init',
    summary: 'look at an application and write a manifest that describes it, with reasons',
    load: async () => (await import('./init.ts')).initCommand,
  },
  {
    name: 'adopt',
    summary: 'make the way back of an upgrade that was done without Backstep, from an old backup',
    load: async () => (await import('./adopt.ts')).adoptCommand,
  },
  {
    name: 'kit',
    summary: 'write the emergency kit: scripts that go back also without Node and without Backstep',
    load: async () => (await import('./kit.ts')).kitCommand,
  },
  {
    name: 'abort',
    summary: 'have a run go back: one under way, or one that was interrupted',
    load: async () => (await import('./abort.ts')).abortCommand,
  },
  {
    name: 'merge',
    summary: 'the law alone: three states of a database or JSON file into a fourth, no manifest',
    load: async () => (await import('./merge.ts')).mergeCommand,
  },
  {
    name: 'service start',
    summary: 'start the application by its manager and wait until it is ready',
    load: async () => (await import('./service.ts')).serviceStartCommand,
  },
  {
    name: 'service stop',
    summary: 'stop the application by its manager',
    load: async () => (await import('./service.ts')).serviceStopCommand,
  },
  {
    name: 'release add',
    summary: 'copy, hash and freeze the files of a release',
    load: async () => (await import('./release-add.ts')).releaseAddCommand,
  },
  {
    name: 'release list',
    summary: 'the releases that are known here, and where they stand',
    load: async () => (await import('./release-list.ts')).releaseListCommand,
  },
  {
    name: 'release mark-good',
    summary: 'a release is sound: a hold on it is lifted; the running one is last-good',
    load: async () => (await import('./release-mark.ts')).releaseMarkGoodCommand,
  },
  {
    name: 'release mark-bad',
    summary: 'a release is bad: it is put on hold',
    load: async () => (await import('./release-mark.ts')).releaseMarkBadCommand,
  },
  {
    name: 'snapshot',
    summary: 'take a snapshot of everything that the manifest names',
    load: async () => (await import('./snapshot.ts')).snapshotCommand,
  },
  {
    name: 'snapshot check',
    summary: 'read and hash all that snapshots need',
    load: async () => (await import('./snapshot-check.ts')).snapshotCheckCommand,
  },
  {
    name: 'snapshots',
    summary: 'list the snapshots',
    load: async () => (await import('./snapshots.ts')).snapshotsCommand,
  },
  {
    name: 'restore',
    summary: 'restore a snapshot into a folder, beside what is live',
    load: async () => (await import('./restore.ts')).restoreCommand,
  },
  {
    name: 'history',
    summary: 'the runs that were made, how they ended and how long they took',
    load: async () => (await import('./history.ts')).historyCommand,
  },
  {
    name: 'inspect',
    summary: 'one run: its journal, what lies where, what would finish or undo it',
    load: async () => (await import('./inspect.ts')).inspectCommand,
  },
  {
    name: 'parked list',
    summary: 'what was parked, by run and asset',
    load: async () => (await import('./parked-list.ts')).parkedListCommand,
  },
  {
    name: 'parked show',
    summary: 'the parked values of one run',
    load: async () => (await import('./parked-show.ts')).parkedShowCommand,
  },
  {
    name: 'parked export',
    summary: 'what a run parked, as JSON lines or CSV',
    load: async () => (await import('./parked-export.ts')).parkedExportCommand,
  },
  {
    name: 'prune',
    summary: 'what of the store nothing needs any more: shows it, removes it with --yes',
    load: async () => (await import('./prune.ts')).pruneCommand,
  },
  {
    name: 'runbook rollback',
    summary: 'a rollback by hand with a team, step by step: begin it, or see where it stands',
    load: async () => (await import('./runbook-rollback.ts')).runbookRollbackCommand,
  },
  {
    name: 'runbook do',
    summary: 'let the machine do the next items, or one, with its evidence',
    load: async () => (await import('./runbook-do.ts')).runbookDoCommand,
  },
  {
    name: 'runbook tick',
    summary: 'note that a person has done an item',
    load: async () => (await import('./runbook-tick.ts')).runbookTickCommand,
  },
  {
    name: 'runbook reopen',
    summary: 'note that an item is not done after all',
    load: async () => (await import('./runbook-tick.ts')).runbookReopenCommand,
  },
  {
    name: 'runbook hand-over',
    summary: 'give the lead to somebody else',
    load: async () => (await import('./runbook-lead.ts')).runbookHandOverCommand,
  },
  {
    name: 'runbook close',
    summary: 'end the procedure',
    load: async () => (await import('./runbook-lead.ts')).runbookCloseCommand,
  },
  {
    name: 'runbook record',
    summary: 'the record of the newest procedure, as text or as a page',
    load: async () => (await import('./runbook-record.ts')).runbookRecordCommand,
  },
  {
    name: 'prove',
    summary: 'the round trip of a rollback on copies: back, forth and back again',
    load: async () => (await import('./prove.ts')).proveCommand,
  },
  {
    name: 'reversal draft',
    summary: 'write a first reversal file from the data of an upgrade, its holes marked',
    load: async () => (await import('./reversal-draft.ts')).reversalDraftCommand,
  },
  {
    name: 'reversal check',
    summary: 'judge a reversal file by its words, by SQLite and by the data of an upgrade',
    load: async () => (await import('./reversal-check.ts')).reversalCheckCommand,
  },
  {
    name: 'doctor',
    summary:
      'what would make a rollback fail tonight, with what to do about it; one line when all is well',
    load: async () => (await import('./doctor.ts')).doctorCommand,
  },
  {
    name: 'verify',
    summary: 'check the state, the files and the running application; every check, with a report',
    load: async () => (await import('./verify.ts')).verifyCommand,
  },
  {
    name: 'audit verify',
    summary: 'is the audit log whole: altered, replaced, reordered, cut, forged or unsigned lines',
    load: async () => (await import('./audit-verify.ts')).auditVerifyCommand,
  },
  {
    name: 'audit export',
    summary: 'the audit log as JSON or CSV',
    load: async () => (await import('./audit-export.ts')).auditExportCommand,
  },
  {
    name: 'audit prune',
    summary: 'move months that are older than a year out of the audit log, accountably',
    load: async () => (await import('./audit-prune.ts')).auditPruneCommand,
  },
  {
    name: 'completion',
    summary: 'a script that completes commands and options in bash, zsh or fish',
    load: async () => (await import('./completion.ts')).completionCommand,
  },
];

/** First words that are no command by themselves, for the help. */
export const groups: Readonly<Record<string, string>> = {
  audit: 'what was done, decided and refused: verify, export, prune',
  service: 'start and stop the application',
  release: 'the releases that are known here: add, list, mark',
  reversal: 'how an older release reads what a newer one wrote: draft, check',
  parked: 'what the old shape could not hold: list, show, export',
};
