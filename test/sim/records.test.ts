import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { openAudit } from '../../src/audit/audit.ts';
import { linesOf, segmentsIn } from '../../src/audit/segments.ts';
import { parseLine } from '../../src/audit/line.ts';
import { verifyAudit } from '../../src/audit/verify.ts';
import type { Host } from '../../src/host/host.ts';
import { readRecord, writeRecord } from '../../src/switch/book.ts';
import { Journal, readJournal } from '../../src/switch/journal.ts';
import { StruckMachine } from './struck-machine.ts';

const seed = 9;
const disksEach = 4;
const count = 6;

/** Something that is written down piece by piece: 1, 2, 3 … */
interface Records {
  readonly write: (host: Host, number: number) => Promise<void> | void;
  /** The pieces that are there, in their order. */
  readonly read: (host: Host) => readonly number[];
}

/** Long enough to go over the border of a block now and then. */
const words = 'nobody has promised that these words lie within one block of the disk '.repeat(6);

const journal: Records = {
  write: (host, number) => {
    const open = Journal.open(host, '/state/journal', 'run');
    open.write({ event: 'failed', phase: 'stage', code: String(number), message: words });
    open.close();
  },
  read: (host) =>
    readJournal(host, '/state/journal', 'run').map((line) =>
      line.event === 'failed' ? Number(line.code) : 0,
    ),
};

const audit: Records = {
  write: (host, number) => {
    const exclusively = <T>(work: () => T): Promise<T> => Promise.resolve(work());
    const log = openAudit({ host, folder: '/state/audit', account: 'operator', exclusively });
    const data = { number, words };
    return log.record([{ act: 'test', run: null, data }], { closes: number % 3 === 0 });
  },
  read: ({ disk }) => {
    const folder = '/state/audit';
    const { finding } = verifyAudit(disk, { folder, publicKey: null, anchors: [] });
    assert.ok(finding === null || finding.finding === 'unsigned', JSON.stringify(finding));
    const lines = segmentsIn(disk, folder).flatMap((segment) =>
      Array.from(linesOf(disk, segment), ({ bytes }) => parseLine(bytes)),
    );
    return lines.flatMap((line) => (line?.act === 'test' ? [Number(line.data['number'])] : []));
  },
};

const number = z.object({ number: z.int(), words: z.string() });

/** Each one takes the place of the one before. */
const replaced: Records = {
  write: (host, last) => writeRecord(host, '/state/deep/record.json', { number: last, words }),
  read: (host) => {
    const found = readRecord(host, '/state/deep/record.json', number);
    return Array.from({ length: found?.number ?? 0 }, (_, before) => before + 1);
  },
};

describe('the power fails while something is written down', () => {
  for (const [name, records] of Object.entries({ journal, audit, replaced })) {
    test(`${name}: what was acknowledged is there, in its order, and it goes on`, async (t) => {
      const machine = StruckMachine.begin({ syncsWhole: false });
      const struck: { machine: StruckMachine; acknowledged: number; at: number }[] = [];
      let acknowledged = 0;
      const work = async (host: Host): Promise<void> => {
        for (let next = 1; next <= count; next += 1) {
          await records.write(host, next);
          acknowledged = next;
        }
      };
      await machine.run(work, (at) => {
        for (const each of machine.afterPowerLosses(disksEach, [seed, at]))
          struck.push({ machine: each, acknowledged, at });
      });
      for (const each of struck) await requireKept(records, each);
      t.diagnostic(`${struck.length} disks, seed ${seed}`);
    });
  }
});

async function requireKept(
  { read, write }: Records,
  { machine, acknowledged, at }: { machine: StruckMachine; acknowledged: number; at: number },
): Promise<void> {
  const when = `seed ${seed}, before act ${at}, ${acknowledged} acknowledged`;
  await machine.run(async (host) => {
    const found = read(host);
    assert.ok(
      found.length === acknowledged || found.length === acknowledged + 1,
      `${when}: ${found.join()}`,
    );
    assert.deepEqual(
      found,
      Array.from(found, (_, before) => before + 1),
      when,
    );
    const next = found.length + 1;
    await write(host, next);
    assert.deepEqual(read(host), [...found, next], when);
  });
}
