import { plainText } from '../run-events.ts';
import { z } from 'zod';
import type { Difference } from '../../switch/trial/difference.ts';
import { prove, type AssetTrip, type Proof } from '../../switch/trial/prove.ts';
import type { TableState } from '../../law/rows/proof/receipt.ts';
import type { OnProgress } from '../../switch/report/events.ts';
import { alone } from '../alone.ts';
import type { Call } from '../context.ts';
import { openGround } from '../open.ts';
import { table } from '../output.ts';
import { chooseRun } from '../past-runs.ts';
import { parseGiven, type CommandDefinition } from './definition.ts';

const named = z.tuple([z.string()]);

export const proveCommand: CommandDefinition = {
  example: `backstep prove rollback-20260131T043000000Z-1a2b

On copies: the rollback is made again, its result is led forth, and back once more. Nothing live is touched. Exit code 0
where both ways back give what the run made, else 7. The proof is kept as runs/<run>/proof.json in the state folder.`,
  arguments: { '<run>': 'a rollback of `backstep history`' },
  takesLock: true,
  run: async (call, given) => {
    const [wanted] = parseGiven(named, given.args);
    const ground = openGround(call);
    const run = chooseRun(ground, wanted);
    const proof = await alone(call, ground, {
      purpose: `prove ${run}`,
      work: () => prove(ground, run, { signal: call.signal, onProgress: tellProof(call, run) }),
    });
    call.output.result(proof, [...proofLines(proof), ...receiptLines(proof)]);
    return proof.isProven ? 0 : 7;
  },
};

function tellProof({ output }: Call, run: string): OnProgress {
  return (progress) => {
    const { asset, step, done, total } = progress;
    const event = { type: 'progress', run, phase: 'prove', asset, step, done, total } as const;
    output.event(event, null);
    const text = `prove · ${asset}: ${step} ... (${done + 1} of ${total})`;
    output.progress(text, plainText('prove', progress));
  };
}

function proofLines({ run, isProven, steps }: Proof): string[] {
  return [
    `${run}: ${isProven ? 'proven' : 'NOT PROVEN'}`,
    ...steps.flatMap(({ from, to, assets }) => [
      `${from} → ${to}`,
      ...Object.entries(assets).flatMap(([name, trip]) => tripLines(name, trip)),
    ]),
  ];
}

function tripLines(name: string, { again, notBroughtBack, back }: AssetTrip): string[] {
  const isSame = again.length + back.length === 0;
  const told = (what: string, differences: readonly Difference[]): string[] =>
    differences.map(({ place, count }) => `    ${what}: ${place} (${count})`);
  return [
    `  ${name}: ${isSame ? 'the same result, made again and after going forth and back' : 'ANOTHER RESULT'}`,
    ...told('made again, other than the run made it', again),
    ...told('after going forth and back, other than the run made it', back),
    ...notBroughtBack.map(
      ({ place, count, isParked }) =>
        `    does not come back from the result alone: ${place} (${count})${isParked ? ', parked' : ''}`,
    ),
  ];
}

function receiptLines({ receipts }: Proof): string[] {
  const rows = Object.entries(receipts).flatMap(([asset, steps]) =>
    steps.flatMap(({ tables }) =>
      Object.entries(tables).map(([name, line]) => [
        `${asset}.${name}`,
        shown(line.before),
        shown(line.after),
        shown(line.now),
        line.carried === null
          ? '–'
          : `+${line.carried.inserted} ~${line.carried.updated} −${line.carried.deleted}`,
        String(line.parked),
        shown(line.result),
      ]),
    ),
  );
  const heads = ['table', 'before', 'after', 'now', 'carried', 'parked', 'result'];
  return rows.length === 0 ? [] : ['', 'receipt (rows and digest):', ...table([heads, ...rows])];
}

function shown(state: TableState | null): string {
  return state === null ? '–' : `${state.rows} ${state.digest}`;
}
