import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { codeOf, importsOf } from './code.ts';
import { filesOf, repository } from './tree.ts';
import { breaches, dependencies, mayImport } from './walls.ts';

test('no file of src/ goes through a wall', () => {
  const files = filesOf(repository, ['src'], /\.ts$/);
  assert.ok(files.length > 20);
  assert.deepEqual(breaches(files), []);
});

test('every room of src/ stands in the table', () => {
  const rooms = filesOf(repository, ['src'], /\.ts$/).map(({ path }) => path.split('/'));
  for (const [, room = '', rest] of rooms) {
    if (rest !== undefined) assert.ok(Object.hasOwn(mayImport, room), `src/${room}/`);
  }
});

test('every runtime dependency stands in the table', () => {
  const manifest: unknown = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
  assert.ok(typeof manifest === 'object' && manifest !== null && 'dependencies' in manifest);
  assert.deepEqual(
    Object.keys(Object(manifest.dependencies)).sort(),
    Object.keys(dependencies).sort(),
  );
});

const planted: readonly (readonly [path: string, text: string, says: RegExp])[] = [
  ['src/store/a.ts', "import { x } from '../law/x.ts';", /store may not import law/],
  ['src/health/a.ts', "import type { X } from '../switch/x.ts';", /health may not import switch/],
  ['src/law/rows/a.ts', "export { x } from '../../asset/x.ts';", /law may not import asset/],
  ['src/host/a.ts', "import { x } from '../form/x.ts';", /host may not import form/],
  ['src/fault/a.ts', "import { x } from '../host/x.ts';", /fault may not import host/],
  ['src/manifest/a.ts', "import { x } from '../asset/json.ts';", /manifest may not import asset/],
  ['src/asset/a.ts', "import { x } from '../manifest/load.ts';", /asset may not import manifest/],
  ['src/unheard/a.ts', "import { x } from '../store/x.ts';", /unheard may not import store/],
  ['src/store/a.ts', "const x = await import('../cli/x.ts');", /store may not import cli/],
  ['src/store/a.ts', "import x from '../../test/x.ts';", /outside of src/],
  ['src/store/a.ts', "import fs from 'node:fs';", /node:fs is imported by/],
  ['src/store/a.ts', "import { readFile } from 'node:fs/promises';", /node:fs\/promises/],
  ['src/host/disk.ts', "import fs from 'node:fs';", /node:fs is imported by/],
  ['src/cli/a.ts', "import { spawn } from 'node:child_process';", /node:child_process/],
  ['src/law/a.ts', "import { DatabaseSync } from 'node:sqlite';", /node:sqlite/],
  ['src/host/node-x.ts', "import { DatabaseSync } from 'node:sqlite';", /node:sqlite/],
  ['src/cli/a.ts', "import { parse } from 'yaml';", /yaml is imported by/],
  ['src/law/rows/a.ts', "import jsonata from 'jsonata';", /jsonata is imported by/],
  ['src/store/a.ts', "import x from 'left-pad';", /left-pad is no dependency/],
  ['src/store/a.ts', "import x from '@scope/name/part';", /@scope\/name is no dependency/],
  ['src/store/a.ts', 'const now = Date.now();', /Date\.now/],
  ['src/store/a.ts', 'const now = new Date();', /new Date/],
  ['src/store/a.ts', 'const now = new Date;', /new Date/],
  ['src/store/a.ts', 'const x = `${Math.random()}`;', /Math\.random/],
  ['src/store/a.ts', 'setTimeout(() => {}, 5);', /setTimeout/],
  ['src/store/a.ts', "import { randomBytes } from 'node:crypto';", /randomBytes/],
];

test('each planted violation in a temporary tree is found, in its line', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'walls-'));
  t.after(() => rmSync(root, { recursive: true }));
  for (const [path, text, says] of planted) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `// a line before\n${text}\n`);
    const found = breaches(filesOf(root, ['src'], /\.ts$/));
    assert.equal(found.length, 1, `${text}: ${JSON.stringify(found)}`);
    assert.match(found[0] ?? '', says);
    assert.ok(found[0]?.startsWith(`${path}:2: `));
    rmSync(join(root, path));
  }
});

test('what only looks like a violation is none', () => {
  const harmless = [
    '// import fs from "node:fs"; Date.now()',
    '/* new Date() */',
    "const text = 'Date.now() and new Date()';",
    'const text = `setTimeout(${1}) Math.random()`;',
    'const pattern = /Date.now\\(\\)|"/; const x = 1;',
    'const at = new Date(ms);',
    'clock.setTimeout(5);',
    "const message = 'import';\nconst name = 'node:fs';",
    "import { createHash } from 'node:crypto';",
    "import { z } from '../form/schema.ts';",
  ];
  for (const text of harmless) {
    assert.deepEqual(breaches([{ path: 'src/store/a.ts', text }]), [], text);
  }
});

test('schemas of the registries are open to the manifest', () => {
  const text = "import { kinds } from '../asset/kinds-schema.ts';";
  assert.deepEqual(breaches([{ path: 'src/manifest/a.ts', text }]), []);
});

test('imports are read through everything that TypeScript allows around them', () => {
  const text = `import a, {\n  b,\n} from "x1";\nimport 'x2'; export * from 'x3';
const c = { from: 'no1' }; const d = await import( 'x4' ); const e = \`from 'no2' \${f('no3')}\`;
const g = a / b; const h = 'it\\'s from'; import type { T } from 'x5';`;
  assert.deepEqual(
    importsOf(codeOf(text)).map((each) => each.text),
    ['x1', 'x2', 'x3', 'x4', 'x5'],
  );
});
