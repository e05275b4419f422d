import { strict, z } from '../../form/schema.ts';
import { pathText } from '../../form/path-text.ts';
import { pattern } from '../names.ts';
import { carriedKeys } from './shared-keys.ts';

/** Files below one root, each kept or changed as a whole. */
export const filesAsset = strict({
  kind: z.literal('files'),
  root: pathText,
  files: z.array(pattern).min(1).default(['**']),
  exclude: z.array(pattern).default([]),
  ...carriedKeys,
});
