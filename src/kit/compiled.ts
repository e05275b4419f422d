import { mergeTermsOf } from '../asset/sqlite-terms.ts';
import { BackstepError } from '../fault/backstep-error.ts';
import { compileReversal } from '../law/compiled/compile.ts';
import type { PairFiles } from '../law/compiled/pair.ts';
import { assetsOf } from '../manifest/manifest.ts';
import type { Pair } from '../switch/book.ts';
import { decisionsOf, reversalOf } from '../switch/decided.ts';
import type { Ground } from '../switch/ground.ts';
import type { KitCompiled } from './part.ts';

export interface CompiledDatabase {
  /** Null where no script can do what the law does: then the state before the upgrade is all that comes back. */
  readonly compiled: KitCompiled | null;
  readonly notes: readonly string[];
}

/** The way back of one database as SQL, with what was decided about its places until now. */
export function compiledDatabase(
  ground: Ground,
  pair: Pair,
  { asset: name, files }: { readonly asset: string; readonly files: PairFiles },
): CompiledDatabase {
  const asset = assetsOf(ground.manifest, 'sqlite').find((each) => each.name === name);
  if (asset === undefined) return { compiled: null, notes: [] };
  const reversal = reversalOf(ground, pair);
  const decisions = decisionsOf(ground, pair, { reversal, now: {} })[name] ?? [];
  const none = new Map<string, string>();
  const request = {
    direction: 'back',
    base: none,
    origin: none,
    latest: none,
    reversal,
    decisions,
    into: '',
    scratch: '',
    at: pair.at,
  } as const;
  try {
    const terms = mergeTermsOf({ asset, unit: '' }, request, files.before);
    const { script, asks, notes } = compileReversal({ files, terms });
    const part = { name: `${name}.sql`, mode: 0o600, bytes: Buffer.from(script) } as const;
    return { compiled: { part, asks }, notes };
  } catch (error) {
    // A shape that no script can follow: Backstep itself carries it, the script says so.
    if (!(error instanceof BackstepError) || !error.code.startsWith('law/')) throw error;
    const note = `comes back as before the upgrade; Backstep is needed to carry what was written since (${error.message})`;
    return { compiled: null, notes: [note] };
  }
}
