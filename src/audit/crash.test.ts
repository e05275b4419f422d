import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Disk } from '../host/disk.ts';
import { nodeHost } from '../host/node.ts';
import { openAudit, type Audit } from './audit.ts';
import type { AuditEntry } from './line.ts';
import { verifyAudit } from './verify.ts';

/** Thrown in place of an act on the disk: from then on the process does nothing more. */
class Killed extends Error {}

const acts: readonly (keyof Disk)[] = [
  'create',
  'openWrite',
  'rename',
  'makeFolder',
  'removeFile',
  'syncFolder',
];

/** A disk that lets so many acts through; with `tears`, the write that was next leaves half of its bytes. */
function mortalDisk(disk: Disk, actsLeft: number): { disk: Disk; count: () => number } {
  let count = 0;
  const live = (): void => {
    count += 1;
    if (count > actsLeft) throw new Killed();
  };
  const file = <T extends object>(opened: T): T =>
    new Proxy(opened, {
      get: (of, name) => {
        const method: unknown = Reflect.get(of, name, of);
        if (typeof method !== 'function') return method;
        return (...given: unknown[]): unknown => {
          if (name === 'write') {
            try {
              live();
            } catch (error) {
              const [bytes, position] = given;
              assert(bytes instanceof Uint8Array);
              Reflect.apply(method, of, [bytes.subarray(0, bytes.length >> 1), position]);
              throw error;
            }
          } else if (name === 'truncate' || name === 'sync') live();
          return Reflect.apply(method, of, given);
        };
      },
    });
  const mortal = new Proxy(disk, {
    get: (of, name) => {
      const method: unknown = Reflect.get(of, name, of);
      if (typeof method !== 'function') return method;
      return (...given: unknown[]): unknown => {
        if (acts.some((act) => act === name)) live();
        const result: unknown = Reflect.apply(method, of, given);
        const isFile = name === 'create' || name === 'openWrite';
        return isFile && typeof result === 'object' && result !== null ? file(result) : result;
      };
    },
  });
  return { disk: mortal, count: () => count };
}

const entry: AuditEntry = { act: 'command.done', run: null, data: { purpose: 'snapshot' } };
const january = Date.parse('2026-01-31T23:59:00Z');
const february = Date.parse('2026-02-01T00:01:00Z');

function auditOn(folder: string, disk: Disk, nowMs: number): Audit {
  const host = nodeHost();
  const exclusively = async <T>(work: () => T): Promise<T> => work();
  const clock = { ...host.clock, now: () => nowMs };
  return openAudit({ host: { ...host, disk, clock }, folder, account: 'operator', exclusively });
}

/** The entries of two months, killed after so many acts; true where it came to its end. */
async function lifetime(folder: string, actsLeft: number): Promise<boolean> {
  const { disk } = mortalDisk(nodeHost().disk, actsLeft);
  try {
    for (const nowMs of [january, january, february]) {
      await auditOn(folder, disk, nowMs).record([entry], { closes: true });
    }
    return true;
  } catch (error) {
    if (error instanceof Killed) return false;
    throw error;
  }
}

test('killed at any act, and with any write half done, the log goes on and verifies', async () => {
  const { disk } = nodeHost();
  for (let actsLeft = 0; ; actsLeft += 1) {
    const folder = mkdtempSync(join(tmpdir(), 'audit-crash-'));
    try {
      const isEnded = await lifetime(folder, actsLeft);
      await auditOn(folder, disk, february).record([entry], { closes: true });
      await auditOn(folder, disk, february).record([entry], { closes: true });
      const { finding } = verifyAudit(disk, { folder, publicKey: null, anchors: [] });
      assert.equal(finding, null, `killed after ${actsLeft} acts: ${JSON.stringify(finding)}`);
      if (isEnded) {
        assert.ok(actsLeft > 30, `only ${actsLeft} acts were counted`);
        return;
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
});
