/**
 * Joins the modules of the built program into a few files, since opening five hundred takes longer than most of what a
 * command does: `dist/program/`, which `dist/main.js` then starts. What other programs import stays as the compiler made
 * it. After `tsc -p tsconfig.build.json`:
 *   node scripts/bundle-program.ts
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: {
    main: join(dist, 'main.js'),
    // Programs of their own, each found beside the module that starts it.
    'node-ask': join(dist, 'host/node-ask.js'),
    supervisor: join(dist, 'service/process/supervisor.js'),
  },
  // As deep as the rooms are: `package.json` and `kit/` lie two folders above, `main.js` one.
  outdir: join(dist, 'program'),
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  // Dependencies in CommonJS ask for Node's own modules by `require`.
  banner: {
    js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);",
  },
  legalComments: 'none',
  // Names in what is written stay below the repository, wherever the dependencies are linked from.
  preserveSymlinks: true,
  metafile: true,
  logLevel: 'warning',
});

writeFileSync(join(dist, 'main.js'), "#!/usr/bin/env node\nimport './program/main.js';\n");
writeFileSync(join(dist, 'THIRD-PARTY.txt'), notices(Object.keys(metafile.inputs)));

/** Name and licence, in full, of each package that was joined in. */
function notices(inputs: readonly string[]): string {
  const folders = new Set(inputs.flatMap((path) => packageFolder(path) ?? []));
  const texts = [...folders].toSorted().map((folder) => {
    const { name, version } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    return `${name} ${version}\n\n${licenceIn(folder)}`;
  });
  return `What dist/program/ holds of other packages\n\n${texts.join('\n----\n\n')}`;
}

function packageFolder(path: string): string | null {
  return /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? null;
}

function licenceIn(folder: string): string {
  const file = readdirSync(join(root, folder)).find((name) => /^licen[cs]e/i.test(name));
  if (file === undefined) throw new Error(`${folder} has no licence in it`);
  return readFileSync(join(root, folder, file), 'utf8').trimEnd() + '\n';
}
