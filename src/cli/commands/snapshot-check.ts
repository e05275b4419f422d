import { z } from 'zod';
import type { CheckFinding } from '../../store/check.ts';
import { parseSnapshotId } from '../../store/snapshot-id.ts';
import { openGround } from '../open.ts';
import { parseGiven, type CommandDefinition } from './definition.ts';

const which = z.tuple([z.string().default('all')]);

export const snapshotCheckCommand: CommandDefinition = {
  example: 'backstep snapshot check all',
  readsOnly: true,
  arguments: { '[snapshot]': 'one snapshot, or `all` (default)' },
  run: (call, given) => {
    const [wanted] = parseGiven(which, given.args);
    const { store } = openGround(call);
    const report = store.check(wanted === 'all' ? 'all' : parseSnapshotId(wanted));
    const { isSound, objectCount, sizeBytes, findings } = report;
    call.output.result(report, [
      `${isSound ? 'sound' : 'NOT SOUND'}: ${objectCount} objects, ${sizeBytes} bytes read and hashed`,
      ...findings.map(findingLine),
    ]);
    return Promise.resolve(isSound ? 0 : 7);
  },
};

function findingLine(finding: CheckFinding): string {
  switch (finding.kind) {
    case 'torn':
      return `${finding.id}: its listing cannot be read: ${finding.why}`;
    case 'orphaned':
      return `${finding.hash}: no snapshot needs it`;
    case 'damaged':
    case 'missing': {
      const needs = finding.neededBy.map(({ id, path }) => `${path} in ${id}`);
      return `${finding.hash} is ${finding.kind}: ${needs.join(', ')}`;
    }
  }
}
