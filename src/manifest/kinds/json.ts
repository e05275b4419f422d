import { strict, z } from '../../form/schema.ts';
import { pathText } from '../../form/path-text.ts';
import { pattern } from '../names.ts';
import { matches, type Pattern } from '../pattern.ts';
import { carriedKeys } from './shared-keys.ts';

/** JSON documents below one root, merged by path. */
export const jsonAsset = strict({
  kind: z.literal('json'),
  root: pathText,
  files: z.array(pattern).min(1).meta({
    description: 'names or patterns below root; list those of every release, old and new',
  }),
  exclude: z.array(pattern).default([]),
  ...carriedKeys,
});

/** The pattern that names a document; those of one pattern are of one form. Null where none does. */
export function patternOf(
  { files }: { readonly files: readonly Pattern[] },
  unit: string,
): Pattern | null {
  return files.find((each) => matches(each, unit)) ?? null;
}
