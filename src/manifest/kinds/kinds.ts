import type { z } from '../../form/schema.ts';
import { commandAsset } from './command.ts';
import { filesAsset } from './files.ts';
import { jsonAsset } from './json.ts';
import { releaseAsset } from './release.ts';
import { serviceAsset } from './service.ts';
import { sqliteAsset } from './sqlite.ts';

/** Every kind of asset; one line adds one, to the loader, the JSON Schema and the docs. */
export const assetKinds = {
  json: jsonAsset,
  files: filesAsset,
  sqlite: sqliteAsset,
  release: releaseAsset,
  service: serviceAsset,
  command: commandAsset,
} satisfies Record<string, z.ZodType<{ kind: string }>>;

export type AssetKindName = keyof typeof assetKinds;

/** An asset as the schema yields it, its paths not yet resolved. */
export type WrittenAsset = {
  [Name in AssetKindName]: z.output<(typeof assetKinds)[Name]>;
}[AssetKindName];
