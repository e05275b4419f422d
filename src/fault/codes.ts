/** How a failure of one kind ends the process and whether trying again can help. */
export interface CodeEntry {
  readonly exitCode: ExitCode;
  readonly retryable: boolean;
  /** One line for `docs/errors.md`. */
  readonly text: string;
}

/**
 * 0 done and verified · 2 usage · 3 refused, nothing touched · 4 undone or abandoned, the application
 * runs as before · 5 inconsistent · 6 waits for approval · 7 a check failed · 130 interrupted.
 */
export type ExitCode = 0 | 2 | 3 | 4 | 5 | 6 | 7 | 130;

/** Every code that Backstep can end with; `docs/errors.md` is made from this table. */
export const codes = {
  'disk/full': {
    exitCode: 4,
    retryable: true,
    text: 'the disk has no room for what must be written',
  },
  'disk/missing': { exitCode: 4, retryable: false, text: 'a file or folder is not there' },
  'disk/taken': { exitCode: 4, retryable: false, text: 'a name is taken that should be free' },
  'disk/refused': { exitCode: 4, retryable: false, text: 'permissions do not allow it' },
  'disk/kind': { exitCode: 4, retryable: false, text: 'not a file, folder or link as expected' },
  'disk/read-only': { exitCode: 4, retryable: false, text: 'the file system is read-only' },
  'disk/io': { exitCode: 4, retryable: false, text: 'the device failed to read or write' },
  'disk/other-device': {
    exitCode: 4,
    retryable: false,
    text: 'two paths on different file systems',
  },
  'disk/busy': { exitCode: 4, retryable: true, text: 'a file or mount is in use' },
  'disk/too-many-open': {
    exitCode: 4,
    retryable: true,
    text: 'the limit of open files is reached',
  },
  'disk/name': { exitCode: 4, retryable: false, text: 'a name that the file system does not take' },
  'disk/unsupported': { exitCode: 4, retryable: false, text: 'the file system cannot do it' },
  'disk/failed': { exitCode: 4, retryable: false, text: 'any other error of the operating system' },
  'process/missing': { exitCode: 4, retryable: false, text: 'a program is not installed' },
  'process/refused': { exitCode: 4, retryable: false, text: 'a program may not be run' },
  'process/failed': { exitCode: 4, retryable: true, text: 'a program could not be started' },
  'process/unsupported': {
    exitCode: 3,
    retryable: false,
    text: 'this platform does not tell what must be known of a process',
  },
  'store/locked': { exitCode: 3, retryable: true, text: 'another run holds the lock' },
  'store/no-snapshot': {
    exitCode: 3,
    retryable: false,
    text: 'there is no such snapshot or entry',
  },
  'store/torn': {
    exitCode: 3,
    retryable: false,
    text: 'a snapshot listing is cut short or altered',
  },
  'store/damaged': { exitCode: 3, retryable: false, text: 'a stored object is missing or altered' },
  'store/changing': {
    exitCode: 4,
    retryable: true,
    text: 'a file kept changing while it was read',
  },
  'store/mount-inside': {
    exitCode: 3,
    retryable: false,
    text: 'another file system is mounted inside what is to be captured',
  },
  'store/occupied': {
    exitCode: 3,
    retryable: false,
    text: 'what would be restored to is not empty',
  },
  'store/unsafe': { exitCode: 3, retryable: false, text: 'a name that leads out of its place' },
  'manifest/missing': { exitCode: 2, retryable: false, text: 'there is no manifest here or above' },
  'manifest/invalid': {
    exitCode: 3,
    retryable: false,
    text: 'the manifest holds errors; each with its line and key',
  },
  'manifest/placeholder': {
    exitCode: 3,
    retryable: false,
    text: 'a command or path names a placeholder that has no value',
  },
  'reversal/invalid': {
    exitCode: 3,
    retryable: false,
    text: 'a reversal file holds errors; each with its line and key',
  },
  'reversal/unsound': {
    exitCode: 3,
    retryable: false,
    text: 'the reversal file does not pass its check, so that it has no effect',
  },
  'reversal/altered': {
    exitCode: 3,
    retryable: false,
    text: 'the recorded decisions of a pair are not as Backstep wrote them',
  },
  'reversal/present': {
    exitCode: 3,
    retryable: false,
    text: 'a reversal file is in the way of a draft',
  },
  'reversal/decision': {
    exitCode: 2,
    retryable: false,
    text: 'what was decided for a place is no choice',
  },
  'asset/command': {
    exitCode: 4,
    retryable: true,
    text: 'a command of an asset failed, or went on for too long',
  },
  'asset/damaged': {
    exitCode: 3,
    retryable: false,
    text: 'a state that is to be returned to is damaged itself',
  },
  'asset/link': { exitCode: 3, retryable: false, text: 'a link points out of its asset' },
  'asset/parked': { exitCode: 3, retryable: false, text: 'a file of parked values is altered' },
  'asset/unreconciled': {
    exitCode: 4,
    retryable: false,
    text: 'a change was found neither carried nor parked: a defect; the result is not used',
  },
  'release/folder': {
    exitCode: 3,
    retryable: false,
    text: 'a folder is not fit to be a release: missing, empty, or with a link that leads out of it',
  },
  'release/listing': {
    exitCode: 3,
    retryable: false,
    text: 'the listing of a release is missing, cut short or altered',
  },
  'release/present': { exitCode: 3, retryable: false, text: 'a release of that version is there' },
  'release/unknown': { exitCode: 3, retryable: false, text: 'there is no release of that version' },
  'release/version': {
    exitCode: 2,
    retryable: false,
    text: 'not a version that a folder can bear',
  },
  'audit/archive': {
    exitCode: 3,
    retryable: false,
    text: 'the folder for months of the audit log holds something else under that name',
  },
  'audit/unsound': {
    exitCode: 3,
    retryable: false,
    text: 'the audit log does not verify, so nothing of it is removed',
  },
  interrupted: { exitCode: 130, retryable: true, text: 'a signal ended the command' },
  'law/lens': { exitCode: 3, retryable: false, text: 'a reversal does not fit the two shapes' },
  'law/part': {
    exitCode: 3,
    retryable: false,
    text: 'a part of a database or document cannot go back by itself',
  },
  'law/unsupported-shape': {
    exitCode: 3,
    retryable: false,
    text: 'a table has a shape that the law does not merge, refused rather than guessed',
  },
  'merge/input': {
    exitCode: 3,
    retryable: false,
    text: 'a file to be merged is missing, damaged, or not what the others are',
  },
  'merge/out': {
    exitCode: 3,
    retryable: false,
    text: 'something is in the way of where a merge would write',
  },
  'merge/changed': {
    exitCode: 4,
    retryable: true,
    text: 'a file was written to while it was merged',
  },
  'document/encoding': { exitCode: 3, retryable: false, text: 'a JSON document is no UTF-8' },
  'document/syntax': { exitCode: 3, retryable: false, text: 'a document is no JSON' },
  'document/duplicate-key': {
    exitCode: 3,
    retryable: false,
    text: 'a JSON object holds a key twice, so that one of its values would be lost',
  },
  'document/too-deep': {
    exitCode: 3,
    retryable: false,
    text: 'a JSON document is nested more deeply than Backstep reads',
  },
  'reversal/document': {
    exitCode: 3,
    retryable: false,
    text: 'the entry for a document in a reversal file is not understood',
  },
  'reversal/expression': {
    exitCode: 3,
    retryable: false,
    text: 'an expression of a reversal file cannot be read, or failed on a document',
  },
  'tree/entry': { exitCode: 3, retryable: false, text: 'a list of files names a path it may not' },
  'service/account': {
    exitCode: 3,
    retryable: false,
    text: 'the account that the service is to run as does not exist',
  },
  'service/command': { exitCode: 4, retryable: true, text: 'a service manager refused a command' },
  'service/held': { exitCode: 4, retryable: true, text: 'a process holds a file of an asset open' },
  'service/inside': {
    exitCode: 3,
    retryable: false,
    text: 'the command runs inside the service that it would stop',
  },
  'service/masked': {
    exitCode: 3,
    retryable: true,
    text: 'a switch keeps the service from starting',
  },
  'service/not-started': { exitCode: 4, retryable: true, text: 'the service could not be started' },
  'service/order': { exitCode: 2, retryable: false, text: 'a supervisor was started by hand' },
  'service/port-taken': {
    exitCode: 4,
    retryable: true,
    text: 'another program listens at the port of the service',
  },
  'service/running': {
    exitCode: 3,
    retryable: true,
    text: 'a program that only a person can close still runs',
  },
  'service/still-running': {
    exitCode: 4,
    retryable: true,
    text: 'processes of the service do not end',
  },
  'service/unknown': {
    exitCode: 3,
    retryable: false,
    text: 'the service manager has no such unit',
  },
  'service/unreachable': {
    exitCode: 3,
    retryable: false,
    text: 'the service manager of this scope cannot be reached',
  },
  'switch/endless': { exitCode: 5, retryable: false, text: 'a run goes round in circles' },
  'switch/journal': {
    exitCode: 5,
    retryable: false,
    text: 'the journal of a run was changed by something else',
  },
  'switch/declined': {
    exitCode: 3,
    retryable: false,
    text: 'the person who was asked said no',
  },
  'switch/refused': {
    exitCode: 3,
    retryable: false,
    text: 'a switch was refused before anything was touched',
  },
  'switch/unsupported': {
    exitCode: 3,
    retryable: false,
    text: 'the machine lacks what an upgrade needs, or is older than what is supported',
  },
  'switch/not-writable': {
    exitCode: 3,
    retryable: false,
    text: 'a switch may not write where it has to rename',
  },
  'switch/no-release': {
    exitCode: 3,
    retryable: false,
    text: 'the release is not known, or not whole',
  },
  'kit/no-pair': {
    exitCode: 3,
    retryable: false,
    text: 'there is no upgrade that an emergency kit could go back over',
  },
  'switch/no-run': { exitCode: 3, retryable: false, text: 'no such run is on record' },
  'switch/no-pair': {
    exitCode: 3,
    retryable: false,
    text: 'no recorded upgrade leads from the running release back to the one that is wanted',
  },
  'switch/interrupted-run': {
    exitCode: 3,
    retryable: true,
    text: 'another run was interrupted and must be finished first',
  },
  'switch/migration': {
    exitCode: 4,
    retryable: false,
    text: "the new release's migration failed on the staged copy",
  },
  'switch/unsound': {
    exitCode: 5,
    retryable: false,
    text: 'after a switch the application is not sound',
  },
  'switch/not-reconciled': {
    exitCode: 4,
    retryable: false,
    text: 'a staged state does not account for every change, so it was not used',
  },
  'switch/aborted': { exitCode: 4, retryable: true, text: 'a person had the run go back' },
  'switch/inconsistent': {
    exitCode: 5,
    retryable: false,
    text: 'a run could be brought neither to its end nor back; a person must look',
  },
  'switch/too-late': {
    exitCode: 3,
    retryable: false,
    text: 'a run had come to its end before it was to be aborted',
  },
  'switch/shared-state': { exitCode: 3, retryable: false, text: 'the state folder is taken' },
  'switch/held': { exitCode: 3, retryable: false, text: 'the release is on hold' },
  'cli/open-to-others': {
    exitCode: 3,
    retryable: false,
    text: 'other users can write what a command trusts',
  },
  'switch/workspace': {
    exitCode: 3,
    retryable: false,
    text: 'a working folder of a run is not its own',
  },
  'switch/record': {
    exitCode: 5,
    retryable: false,
    text: 'a record in the state folder is damaged',
  },
  'adopt/backup': {
    exitCode: 3,
    retryable: false,
    text: 'the old backup is not there, or lacks a database',
  },
  'adopt/known': {
    exitCode: 3,
    retryable: false,
    text: 'there is a pair for this upgrade already',
  },
  'adopt/release': {
    exitCode: 3,
    retryable: false,
    text: 'a release that `adopt` needs cannot be found',
  },
  'adopt/unsound': { exitCode: 3, retryable: false, text: 'the old backup is damaged' },
  'init/exists': { exitCode: 3, retryable: false, text: 'there is a manifest already' },
  'init/nothing': {
    exitCode: 3,
    retryable: false,
    text: 'no state of an application was found where `init` looked',
  },
  'init/process': {
    exitCode: 3,
    retryable: false,
    text: 'the process that `init` was to look at cannot be seen',
  },
  'init/state': {
    exitCode: 3,
    retryable: false,
    text: 'the folder that was named for Backstep itself lies within what it would restore',
  },
  'init/unit': { exitCode: 3, retryable: false, text: 'there is no such unit file' },
  usage: { exitCode: 2, retryable: false, text: 'the command line is wrong' },
  'switch/as-of': {
    exitCode: 3,
    retryable: false,
    text: 'no state was captured by the time that was asked for',
  },
  'incident/no-runbook': { exitCode: 3, retryable: false, text: 'no procedure is under way' },
  'incident/open-items': {
    exitCode: 3,
    retryable: false,
    text: 'a procedure was to be closed with something still open',
  },
  'incident/not-so': {
    exitCode: 7,
    retryable: true,
    text: 'what an item of a procedure asks for is not so',
  },
  'incident/runbook': {
    exitCode: 5,
    retryable: false,
    text: 'the record of a procedure is damaged',
  },
} satisfies Record<string, CodeEntry>;

export type ErrorCode = keyof typeof codes;
