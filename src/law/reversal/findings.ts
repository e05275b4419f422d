import { createHash } from 'node:crypto';
import { jsonOrNull } from '../../form/json-text.ts';
import { strict, text, z } from '../../form/schema.ts';
import type { Finding } from '../place.ts';

/** What the survey of a pair found in one asset, and of what states that is true. */
export interface SurveyedAsset {
  /** SHA-256 over what each state holds of the asset. */
  readonly before: string;
  readonly after: string;
  readonly findings: readonly Finding[];
}

/** What the survey at upgrade time found: `pairs/<id>/findings.json`. */
export interface RecordedFindings {
  /** The Backstep that looked. */
  readonly version: string;
  /** SHA-256 of the reversal file that stood then; null where there was none. */
  readonly reversalSha256: string | null;
  readonly assets: Readonly<Record<string, SurveyedAsset>>;
}

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().min(0);

const finding = strict({
  place: text(),
  faith: z.enum(['faithful', 'rewritten', 'blind', 'unproven']),
  sameCount: count,
  differentCount: count,
  side: z.enum(['both', 'old', 'new']).optional(),
  provenMap: z.record(z.string(), z.string()).nullable(),
});

const recorded = strict({
  version: text(),
  reversal: sha256.nullable(),
  assets: z.record(text(), strict({ before: sha256, after: sha256, findings: z.array(finding) })),
});

const sealed = strict({ v: z.literal(1), seal: sha256, surveyed: z.unknown() });

/** The bytes of `findings.json`; `parseFindings` reads them back. */
export function formatFindings({ version, reversalSha256, assets }: RecordedFindings): string {
  const surveyed = { version, reversal: reversalSha256, assets };
  return `${JSON.stringify({ v: 1, seal: sealOf(surveyed), surveyed })}\n`;
}

/** Null where it is not as `formatFindings` wrote it: the pair is then surveyed anew. */
export function parseFindings(source: string): RecordedFindings | null {
  const outer = sealed.safeParse(jsonOrNull(source));
  if (!outer.success || outer.data.seal !== sealOf(outer.data.surveyed)) return null;
  const inner = recorded.safeParse(outer.data.surveyed);
  if (!inner.success) return null;
  const { version, reversal, assets } = inner.data;
  return {
    version,
    reversalSha256: reversal,
    assets: Object.fromEntries(
      Object.entries(assets).map(([name, asset]) => [
        name,
        { ...asset, findings: asset.findings.map(withoutEmptySide) },
      ]),
    ),
  };
}

function withoutEmptySide({ side, ...rest }: z.output<typeof finding>): Finding {
  return side === undefined ? rest : { ...rest, side };
}

function sealOf(surveyed: unknown): string {
  return createHash('sha256').update(JSON.stringify(surveyed)).digest('hex');
}
