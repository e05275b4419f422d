import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Problem } from '../form/problem.ts';
import { parseManifest } from './parse.ts';
import type { System } from './system.ts';

const linux: System = { platform: 'linux', home: '/home/owner', env: {} };

function problemsOf(text: string, system = linux): readonly Problem[] {
  const reading = parseManifest({ text, file: '/app/backstep.yaml', system });
  return reading.ok ? [] : reading.problems;
}

const head = 'app: a\nstate: /state\n';
const asset = 'assets: { db: { kind: sqlite, path: /data/a.db } }\n';

test('all errors of a file at once, in the order of the file', () => {
  const text = `app: 5
state: /state
paths: { data: '{dta}' }
service: { manager: systmd }
assets:
  a: { kind: json, root: '{nowhere}', files: [x] }
  b: { kind: sqlite, pth: /x }
  c: { kind: files, root: /d }
  d: { kind: files, root: /d }
hooks: { before-stop: { run: 'x {nope}' } }
`;
  assert.deepEqual(
    problemsOf(text).map((each) => `${each.line} ${each.path}`),
    [
      '1 app',
      '3 paths.data',
      '4 service.manager',
      '6 assets.a.root',
      '7 assets.b.path',
      '7 assets.b.pth',
      '9 assets.d',
      '10 hooks.before-stop.run',
    ],
  );
});

test('an error in one path is not repeated where the path is used', () => {
  const text = `${head}paths: { data: ~/x }\nassets: { d: { kind: files, root: '{data}' } }\n`;
  assert.deepEqual(
    problemsOf(text).map((each) => each.path),
    ['paths.data'],
  );
});

test('what is allowed and looks alike', () => {
  const allowed = [
    `${head}assets: { a: { kind: files, root: /d, exclude: ['*.json'] }, b: { kind: json, root: /d, files: ['*.json'] } }\n`,
    `${head}assets: { a: { kind: json, root: /d, files: [a.json] }, b: { kind: json, root: /d, files: [b.json] } }\n`,
    `${head}assets: { a: { kind: files, root: /d/a }, b: { kind: files, root: /d/ab } }\n`,
    `app: a\nstate: /data/a.db.d\n${asset}`,
    `${head}${asset}migrate: { run: [sh, -c, 'a | "b" $HOME'] }\n`,
    `${head}${asset}contacts: { lead: { phone: '+44 20 7946 0000' } }\n`,
    `${head}assets: { fw: { kind: command, capture: iptables-save, restore: 'iptables-restore {file}' } }\n`,
  ];
  for (const text of allowed) assert.deepEqual(problemsOf(text), [], text);
});

test('where names fold case, so do assets', () => {
  const text = `${head}assets: { a: { kind: json, root: /d, files: [A.json] }, b: { kind: json, root: /D, files: [a.json] } }\n`;
  assert.deepEqual(problemsOf(text), []);
  assert.equal(problemsOf(text, { ...linux, platform: 'darwin' }).length, 1);
});
