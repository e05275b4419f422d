import { join } from 'node:path/posix';
import type { AssetOf } from '../manifest/manifest.ts';
import type { AssetHandler, Check, MergeResult, MergeRequest, Side } from './asset.ts';
import { captureState, checkState, restoreState } from './command-run.ts';
import type { AssetContext, AssetKind } from './kind.ts';
import { resultOf } from './outcome.ts';
import { statesOf } from './unit-states.ts';
import { mergeWhole, surveyWhole } from './whole-unit.ts';

/** The one unit: what the capture command says of the state. */
export const commandUnit = 'state';

/**
 * State that only the application's own commands can read and write. Its unit is a file of ours in the state folder:
 * `capture` writes it anew, the switch places another one there, and `apply` hands that to the restore command.
 */
export const commandKind: AssetKind<'command'> = { open: openCommand };

function openCommand(asset: AssetOf<'command'>, context: AssetContext): AssetHandler {
  const { host } = context;
  const place = placeOf(asset, context);
  const live = (): Side =>
    new Map(host.disk.lstat(place)?.kind === 'file' ? [[commandUnit, place]] : []);
  return {
    name: asset.name,
    live,
    placeOf: () => place,
    heldFiles: () => [],
    settle: () => {},
    capture: async (writer, { as }) => {
      await captureState(asset, context, place);
      writer.addTree(place, { as: join(as, commandUnit) });
    },
    survey: async (request) => surveyWhole(host.disk, request),
    merge: async (request) => mergeState(asset, context, request),
    check: async (side) => [await check(asset, context, side)],
    apply: (_unit, path) => restoreState(asset, context, path),
  };
}

function placeOf({ name }: AssetOf<'command'>, { manifest }: AssetContext): string {
  return join(manifest.state, 'commands', name, commandUnit);
}

function mergeState(
  { name }: AssetOf<'command'>,
  { host }: AssetContext,
  request: MergeRequest,
): MergeResult {
  const states = statesOf(request, commandUnit);
  if (states.base === undefined) {
    return resultOf({ notes: [`${name}: nothing was captured of it, so it stays as it is`] });
  }
  return mergeWhole(host, { unit: commandUnit, name: commandUnit, states, request });
}

async function check(asset: AssetOf<'command'>, context: AssetContext, side: Side): Promise<Check> {
  const about = { row: 'M7.1', name: `${asset.name}: state` };
  const path = side.get(commandUnit);
  if (path === undefined) return { ...about, status: 'success', measured: 'nothing was captured' };
  const difference = await checkState(asset, context, path);
  return difference === null
    ? { ...about, status: 'success', measured: 'as captured' }
    : { ...about, status: 'error', measured: difference };
}
