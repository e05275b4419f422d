import { dirname, resolve } from 'node:path/posix';
import { z } from 'zod';
import { BackstepError } from '../../fault/backstep-error.ts';
import { isDiskError } from '../../host/disk-error.ts';
import type { DiskFile } from '../../host/disk.ts';
import type { Call } from '../context.ts';
import { openGround } from '../open.ts';
import { csvHead, csvLine } from '../parked-csv.ts';
import { chooseParked } from '../parked-files.ts';
import { recordsIn, type ParkedRecord } from '../parked-records.ts';
import { visible } from '../terminal/visible.ts';
import { parseGiven, type CommandDefinition } from './definition.ts';

const named = z.tuple([z.string().optional()]);
const flags = z.object({
  asset: z.string().optional(),
  format: z.enum(['jsonl', 'csv']).default('jsonl'),
  out: z.string().optional(),
  withSecrets: z.boolean().default(false),
});

export const parkedExportCommand: CommandDefinition = {
  example: `backstep parked export --format csv -o parked.csv

One line for each row, cell, value or file that the run parked. Integers beyond 2^53, blobs and text that is no UTF-8 stand
as objects: { "integer": … }, { "base64": … }, { "text": base64 }.`,
  readsOnly: true,
  arguments: {
    '[run]': 'a run of `backstep parked list` (default: the newest that parked something)',
  },
  options: {
    '--asset <name>': { text: 'this asset alone' },
    '--format <format>': { text: 'jsonl (JSON lines, default) or csv' },
    '-o, --out <file>': { text: 'a new file, readable by its owner alone (default: stdout)' },
    '--with-secrets': { text: 'what the manifest calls secret is written out' },
  },
  run: (call, given) => {
    const [wanted] = parseGiven(named, given.args);
    const { asset, format, out, withSecrets } = parseGiven(flags, given.flags);
    const ground = openGround(call);
    const { run, files } = chooseParked(ground, { wanted, asset });
    const records = function* (): Generator<ParkedRecord> {
      for (const file of files) yield* recordsIn(call.host.disk, file, withSecrets);
    };
    if (call.flags.json === true && out === undefined) {
      call.output.result({ run, records: [...records()] }, []);
      return Promise.resolve(0);
    }
    const lines = linesOf(run, records(), format);
    if (out === undefined) {
      const { stdout } = call.streams;
      // What goes to a file or a program is exact; what goes to a terminal is only looked at.
      const shown = (line: string): string =>
        stdout.isTTY === true ? `${visible(line.trimEnd())}\n` : line;
      for (const line of lines) stdout.write(shown(line));
      return Promise.resolve(0);
    }
    const file = resolve(call.cwd, out);
    const count = writeLines(call, file, lines) - (format === 'csv' ? 1 : 0);
    call.output.result({ run, file, records: count }, [`${file}: ${count} records of ${run}`]);
    return Promise.resolve(0);
  },
};

function* linesOf(
  run: string,
  records: Iterable<ParkedRecord>,
  format: 'jsonl' | 'csv',
): Generator<string> {
  if (format === 'csv') yield csvHead;
  for (const record of records) {
    yield format === 'csv' ? csvLine(run, record) : `${JSON.stringify({ run, ...record })}\n`;
  }
}

/** Returns how many lines were written; they and the name are durable then. A crash leaves a part of the file. Throws `merge/out` where it is there. */
function writeLines({ host }: Call, path: string, lines: Iterable<string>): number {
  const file = createNew(() => host.disk.create(path, 0o600), path);
  try {
    let [position, count] = [0, 0];
    for (const line of lines) {
      const bytes = Buffer.from(line);
      file.write(bytes, position);
      position += bytes.length;
      count += 1;
    }
    file.sync();
    host.disk.syncFolder(dirname(path));
    return count;
  } finally {
    file.close();
  }
}

function createNew(create: () => DiskFile, path: string): DiskFile {
  try {
    return create();
  } catch (error) {
    if (!isDiskError(error, 'EEXIST')) throw error;
    throw new BackstepError('merge/out', {
      message: `${path} is there already`,
      hint: 'name another file; nothing was written',
    });
  }
}
