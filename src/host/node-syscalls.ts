import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, constants, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { errnoOf } from './node-fault.ts';
import { isZombie, statOfProcess } from './node-proc.ts';

/**
 * System calls that Node has no function for, made by a perl that runs beside this process and ends with it. To start a
 * program anew for each would copy the table of this process's memory every time. Calls are synchronous, as the disk is:
 * requests go through a pipe, answers come through a file without a name, which is looked at until there is one.
 */
interface Caller {
  readonly pid: number;
  readonly requests: Writable;
  readonly answers: number;
  readonly batch: number;
  /** Where the next answer will stand. */
  position: number;
}

let caller: Caller | null = null;

/** What a call came to: 0, or the number of its error; `done` counts what went well before. */
export interface Called {
  readonly errno: number;
  readonly done: number;
}

/** For a program of its own, before it has taken much memory. Where there is no perl, calls are answered with null. */
export function startCaller(): void {
  const numbers = callNumbers[process.arch];
  if (process.platform !== 'linux' || numbers === undefined || caller !== null) return;
  const [answers, batch] = [fileWithoutName(), fileWithoutName()];
  if (answers === null || batch === null) return;
  const child = spawn('perl', ['-e', source, ...numbers.map(String)], {
    cwd: '/',
    stdio: ['pipe', answers, 'ignore', batch],
  });
  child.on('error', stopCaller);
  child.on('exit', stopCaller);
  child.stdin?.on('error', stopCaller);
  child.unref();
  if (child.pid !== undefined && child.stdin !== null) {
    caller = { pid: child.pid, requests: child.stdin, answers, batch, position: 0 };
  }
}

/** It ends once there is nobody left to ask it. */
export function stopCaller(): void {
  if (caller === null) return;
  const { requests, answers, batch } = caller;
  caller = null;
  requests.end();
  closeSync(answers);
  closeSync(batch);
}

/** syncfs(2) of the file system on which this descriptor's file lies. Null where it could not be called. */
export function callSyncfs(descriptor: number): Called | null {
  return call(`sync /proc/${process.pid}/fd/${descriptor}`);
}

/** utimensat(2) for each record, up to the first that fails: `seconds nanoseconds path` and NUL. Null as above. */
export function callUtimensat(records: Uint8Array): Called | null {
  if (caller === null) return null;
  try {
    for (let at = 0; at < records.length;) {
      at += writeSync(caller.batch, records, at, records.length - at, at);
    }
  } catch (error) {
    if (errnoOf(error) === null) throw error;
    return null;
  }
  return call(`times ${records.length}`);
}

function call(request: string): Called | null {
  if (caller === null) return null;
  caller.requests.write(`${request}\0`);
  const answer = Buffer.alloc(answerBytes);
  for (let looks = 1; ; looks += 1) {
    if (readSync(caller.answers, answer, 0, answerBytes, caller.position) === answerBytes) break;
    if (looks % looksUntilDoubt === 0 && isGone(caller.pid)) {
      stopCaller();
      return null;
    }
    Atomics.wait(never, 0, 0, waitMs);
  }
  caller.position += answerBytes;
  const [errno = 0, done = 0] = answer.toString('latin1').split(/ +/).map(Number);
  return { errno, done };
}

const never = new Int32Array(new SharedArrayBuffer(4));
const waitMs = 0.1;
const looksUntilDoubt = 100;
const answerBytes = 24;

function isGone(pid: number): boolean {
  const stat = statOfProcess(pid);
  return stat === null || isZombie(stat);
}

/** Null where there is no room or no right to make one. */
function fileWithoutName(): number | null {
  const { O_CREAT, O_EXCL, O_RDWR, O_NOFOLLOW } = constants;
  const path = join(tmpdir(), `.backstep-${randomBytes(8).toString('hex')}`);
  try {
    const descriptor = openSync(path, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW, 0o600);
    unlinkSync(path);
    return descriptor;
  } catch (error) {
    if (errnoOf(error) === null) throw error;
    return null;
  }
}

/** Numbers of syncfs and utimensat, which perl has no names for. */
const callNumbers: Readonly<Record<string, readonly [syncfs: number, utimensat: number]>> = {
  x64: [306, 280],
  arm64: [267, 88],
  riscv64: [267, 88],
  loong64: [267, 88],
  ppc64: [348, 304],
  s390x: [338, 315],
};

const source = `
  $SIG{$_} = 'IGNORE' for qw(INT TERM HUP);
  my ($syncfs, $utimensat) = map { $_ + 0 } @ARGV;
  open my $batch, '<&=', 3 or exit 1;
  $/ = "\\0";
  while (defined(my $request = <STDIN>)) {
    chomp $request;
    my ($name, $value) = split / /, $request;
    my ($errno, $done) = (0, 0);
    if ($name eq 'sync') {
      my $called = open(my $file, '<', $value) && syscall($syncfs, fileno $file) == 0;
      $errno = $! + 0 if !$called;
    } else {
      my $records = '';
      sysseek $batch, 0, 0;
      while (length $records < $value) {
        sysread($batch, $records, $value - length $records, length $records) or exit 1;
      }
      for my $record (split /\\0/, $records) {
        my ($s, $ns, $path) = split / /, $record, 3;
        my $called = syscall($utimensat, -100, $path, pack('q4', $s, $ns, $s, $ns), 256);
        if ($called != 0) { $errno = $! + 0; last }
        $done++;
      }
    }
    syswrite STDOUT, sprintf("%-11d %-11d\\n", $errno, $done) or exit 1;
  }`;
