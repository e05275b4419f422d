import { z } from 'zod';
import { readActors } from '../../audit/actors.ts';
import { csvLines, exportedLines } from '../../audit/export.ts';
import { time } from '../../form/units.ts';
import { stateFolders } from '../../switch/book.ts';
import { loadCalled } from '../open.ts';
import { parseGiven, type CommandDefinition } from './definition.ts';

const flags = z.object({
  format: z.enum(['json', 'csv']).default('json'),
  since: time.optional(),
  until: time.optional(),
  names: z.boolean().default(false),
});

export const auditExportCommand: CommandDefinition = {
  example: 'backstep audit export --format csv --since 2026-01-01 > audit.csv',
  readsOnly: true,
  options: {
    '--format <format>': { text: 'json (one document, default) or csv' },
    '--since <time>': { text: 'from then on (a time or a day)' },
    '--until <time>': { text: 'before then (a time or a day)' },
    '--names': { text: 'accounts instead of pseudonyms, where they are still known' },
  },
  run: (call, given) => {
    const wishes = parseGiven(flags, given.flags);
    const folder = stateFolders(loadCalled(call).state).audit;
    const request = { folder, since: wishes.since ?? null, until: wishes.until ?? null };
    const actors = wishes.names ? readActors(call.host, folder) : {};
    const lines = [...exportedLines(call.host.disk, request)].map((line) => ({
      ...line,
      actor: actors[line.actor] ?? line.actor,
    }));
    const text = wishes.format === 'csv' ? [...csvLines(lines)] : [JSON.stringify(lines, null, 2)];
    call.output.result(lines, text);
    return Promise.resolve(0);
  },
};
