import { dirname, join } from 'node:path/posix';
import type { TestContext } from 'node:test';
import type { AssetHandler, MergeRequest, Side } from '../../src/asset/asset.ts';
import { contentHash } from '../../src/asset/content.ts';
import { openAssets } from '../../src/asset/kinds.ts';
import { filesBelow } from '../../src/asset/side.ts';
import { nodeHost } from '../../src/host/node.ts';
import { createWhole, makeFolders, removeTree } from '../../src/host/whole-file.ts';
import { parseManifest } from '../../src/manifest/parse.ts';
import { fillInCommand } from '../../src/manifest/placeholder.ts';
import { valuesOf, type Manifest } from '../../src/manifest/manifest.ts';
import { ownership } from '../../src/manifest/territory.ts';
import { openStore } from '../../src/store/store.ts';
import { scratchFolder } from './scratch.ts';

const copyProgram =
  "const fs=require('node:fs');const [from,to]=process.argv.slice(1);fs.writeFileSync(to,fs.readFileSync(from))";

/** One asset of every kind, below one folder. */
const manifestText = `
app: scene
state: ./state
paths: { config: ./config }
releases: { root: ./releases, layout: LAYOUT }
service: { manager: none }
assets:
  documents: { kind: json, root: "{config}", files: ["*.json", "deep/*.json"] }
  plugins: { kind: files, root: ./plugins }
  history: { kind: sqlite, path: "{config}/history.db", identity: {} }
  start: { kind: service, files: ["./units/scene.service"] }
  rules:
    kind: command
    capture: ["{node}", "-e", "${copyProgram}", "{config}/rules", "{file}"]
    restore: ["{node}", "-e", "${copyProgram}", "{file}", "{config}/rules"]
`;

export interface Scene {
  readonly host: ReturnType<typeof nodeHost>;
  readonly root: string;
  readonly manifest: Manifest;
  readonly assets: readonly AssetHandler[];
  asset(name: string): AssetHandler;
  path(...parts: string[]): string;
  write(name: string, text: string | Uint8Array, mode?: number): string;
  /** Captures one asset and restores it elsewhere. */
  side(name: string, isQuiet?: boolean): Promise<Side>;
  request(
    states: Pick<MergeRequest, 'base' | 'origin' | 'latest'>,
    more?: Partial<MergeRequest>,
  ): MergeRequest;
}

export function openScene(t: TestContext, layout: 'symlink' | 'in-place' = 'symlink'): Scene {
  const host = nodeHost();
  const { disk } = host;
  const root = scratchFolder(t, host);
  const path = (...parts: string[]): string => join(root, ...parts);
  const manifest = manifestIn(root, layout);
  const assets = openAssets(manifest, partsOf(manifest));
  const store = openStore(host, path('state', 'store'));
  let count = 0;
  const fresh = (): string => {
    count += 1;
    const folder = path('work', String(count));
    makeFolders(disk, folder, 0o700);
    return folder;
  };
  const asset = (name: string): AssetHandler => {
    const found = assets.find((each) => each.name === name);
    if (found === undefined) throw new Error(`no asset ${name}`);
    return found;
  };
  return {
    host,
    root,
    manifest,
    assets,
    asset,
    path,
    write: (name, text, mode = 0o640) => {
      makeFolders(disk, dirname(path(name)), 0o755);
      removeTree(disk, path(name));
      createWhole(disk, path(name), { bytes: Buffer.from(text), mode });
      return path(name);
    },
    side: async (name, isQuiet = true) => {
      const writer = await store.beginSnapshot({ label: 'scene' });
      await asset(name).capture(writer, { as: `assets/${name}`, isQuiet });
      const { id } = writer.commit();
      const target = join(fresh(), 'restored');
      const isThere = store.read(id).listing.lineOf(`assets/${name}`) !== null;
      if (isThere) store.restore(id, target, { subtree: `assets/${name}` });
      return new Map(filesBelow(disk, target, () => true));
    },
    request: (states, more = {}) => ({
      direction: 'back',
      reversal: null,
      decisions: [],
      at: '2031-01-01T00:00:00.000Z',
      into: fresh(),
      scratch: fresh(),
      ...states,
      ...more,
    }),
  };

  function partsOf(of: Manifest) {
    const territories = Object.fromEntries(
      Object.values(of.assets).map((each) => [each.name, each.territory]),
    );
    const values = valuesOf(of, { node: process.execPath, release: path('releases', '1.0.0') });
    return {
      host,
      environment: { PATH: process.env['PATH'] },
      ownerOf: ownership(territories, of.platform),
      fill: (
        command: Parameters<typeof fillInCommand>[0],
        more: Readonly<Record<string, string>>,
      ) => fillInCommand(command, { ...values, ...more }),
    };
  }
}

function manifestIn(root: string, layout: string): Manifest {
  const read = parseManifest({
    text: manifestText.replace('LAYOUT', layout),
    file: join(root, 'backstep.yaml'),
    system: { platform: 'linux', home: root, env: {} },
  });
  if (read.ok) return read.value;
  throw new Error(JSON.stringify(read.problems));
}

/** What a side holds: kind, mode, owner and bytes of each unit. */
export function contentsOf({ host: { disk } }: Scene, side: Side): Record<string, string> {
  return Object.fromEntries(
    [...side].map(([unit, path]) => {
      const stat = disk.lstat(path);
      if (stat === null) throw new Error(`${path} is not there`);
      const mode = stat.kind === 'link' ? '' : stat.mode.toString(8);
      return [unit, `${stat.kind} ${mode} ${stat.uid}:${stat.gid} ${contentHash(disk, path)}`];
    }),
  );
}

/** Everything below the folders of a side, to see that nobody wrote there. */
export function surroundingsOf(scene: Scene, side: Side): Record<string, string> {
  const folders = new Set([...side.values()].map((path) => dirname(path)));
  const below = [...folders].flatMap((folder) =>
    filesBelow(scene.host.disk, folder, () => true).map(([, path]): [string, string] => [
      path,
      path,
    ]),
  );
  return contentsOf(scene, new Map(below));
}
