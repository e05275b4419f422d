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

type Refusal = readonly [name: string, text: string, at: string, says: RegExp];

const refusals: readonly Refusal[] = [
  [
    'a manager under a wrong name',
    `${head}${asset}service: { manger: none }\n`,
    '4:12',
    /did you mean `manager`/,
  ],
  [
    'a bad root beside another error',
    `${head}assets: { d: { kind: files, root: '{x}', rpo: 5 } }\n`,
    '3:35',
    /unknown placeholder/,
  ],
  [
    'a number where a unit belongs',
    `${head}assets: { d: { kind: files, root: /d, rpo: 5 } }\n`,
    '3:44',
    /add the unit: `5s`/,
  ],
  ['nothing at all', '', '1:1', /mapping/],
  ['a list', '- a\n', '1:1', /mapping/],
  ['no app', `state: /s\n${asset}`, '1:1', /add `app/],
  [
    'no state, with what to write',
    `app: a\n${asset}`,
    '1:1',
    /\/var\/lib\/backstep\/a.*\/home\/owner\/.local\/state\/backstep\/a/,
  ],
  ['no assets', head, '1:1', /at least one asset/],
  ['an unknown section', `${head}${asset}tirggers: {}\n`, '4:1', /did you mean `triggers`/],
  [
    'an unknown kind',
    `${head}assets: { db: { kind: sqlit, path: /a } }\n`,
    '3:23',
    /did you mean `sqlite`/,
  ],
  ['no kind', `${head}assets: { db: { path: /a } }\n`, '3:15', /missing: expected one of `json`/],
  [
    'an unknown key of a kind',
    `${head}assets: { db: { kind: sqlite, pth: /a } }\n`,
    '3:31',
    /did you mean `path`/,
  ],
  ['an asset that is text', `${head}assets: { db: sqlite }\n`, '3:15', /mapping/],
  [
    'an asset with an odd name',
    `${head}assets: { DB one: { kind: sqlite, path: /a } }\n`,
    '3:19',
    /small letters/,
  ],
  [
    'a duration without unit',
    `${head}assets: { db: { kind: sqlite, path: /a, rpo: 5 } }\n`,
    '3:46',
    /with its unit.*the number 5/,
  ],
  [
    'a share without %',
    `${head}assets: { db: { kind: sqlite, path: /a, carryLimit: { share: 0.05 } } }\n`,
    '3:62',
    /a share/,
  ],
  [
    'a version-like number as app',
    `app: 1.10\nstate: /s\n${asset}`,
    '1:6',
    /the number 1.1 \(written `1.10`\).*quotes/,
  ],
  ['leading zeros', `${head}${asset}releases: { keep: 010 }\n`, '4:19', /two ways/],
  ['an exponent where text stands', `app: 1e3\nstate: /s\n${asset}`, '1:6', /written `1e3`/],
  [
    'a clock time where a number stands',
    `${head}${asset}releases: { keep: 12:30 }\n`,
    '4:19',
    /no base 60/,
  ],
  [
    '`no` where true or false stands',
    `${head}${asset}approvals: { logic: { fourEyes: no } }\n`,
    '4:33',
    /write false/,
  ],
  [
    'a port out of range',
    `${head}${asset}service: { manager: none, port: 70000 }\n`,
    '4:33',
    /65535 or less/,
  ],
  [
    'a service without manager',
    `${head}${asset}service: { unit: x }\n`,
    '4:10',
    /manager: systemd/,
  ],
  [
    'an unknown manager',
    `${head}${asset}service: { manager: systmd }\n`,
    '4:21',
    /did you mean `systemd`/,
  ],
  [
    'a shell in a command string',
    `${head}${asset}migrate: { run: 'a | b' }\n`,
    '4:17',
    /for a shell/,
  ],
  [
    'a quote in a command string',
    `${head}${asset}migrate: { run: 'sh -c "x"' }\n`,
    '4:17',
    /quote/,
  ],
  [
    'a variable in a command string',
    `${head}${asset}migrate: { run: 'x $HOME' }\n`,
    '4:17',
    /expanded/,
  ],
  ['an empty command', `${head}${asset}migrate: { run: ' ' }\n`, '4:17', /no program/],
  [
    'an unknown placeholder',
    `${head}${asset}paths: { data: /d }\nmigrate: { run: 'x {dta}' }\n`,
    '5:17',
    /did you mean `\{data\}`/,
  ],
  ['a single brace', `${head}${asset}migrate: { run: 'x {' }\n`, '4:17', /single `\{`/],
  [
    '{port} without a port',
    `${head}${asset}service: { manager: process, run: 'x {port}' }\n`,
    '4:35',
    /write `port:`/,
  ],
  [
    '{file} outside of a command asset',
    `${head}${asset}migrate: { run: 'x {file}' }\n`,
    '4:17',
    /unknown placeholder/,
  ],
  [
    'a path called like a placeholder',
    `${head}${asset}paths: { port: /d }\n`,
    '4:16',
    /meaning of its own/,
  ],
  [
    'paths that stand on each other',
    `${head}${asset}paths: { a: '{b}/x', b: '{a}/y' }\n`,
    '4:13',
    /never comes to an end/,
  ],
  [
    'an unknown path in a root',
    `${head}assets: { d: { kind: files, root: '{conf}' } }\n`,
    '3:35',
    /unknown placeholder/,
  ],
  ['the home folder by ~', `app: a\nstate: ~/s\n${asset}`, '2:8', /sudo/],
  ['a variable in a path', `app: a\nstate: $HOME/s\n${asset}`, '2:8', /environment/],
  ['the whole disk', `${head}assets: { d: { kind: files, root: / } }\n`, '3:35', /whole disk/],
  [
    'a pattern that climbs',
    `${head}assets: { d: { kind: json, root: /d, files: ['../x'] } }\n`,
    '3:46',
    /not followed/,
  ],
  [
    'the state inside an asset',
    `app: a\nstate: /d/state\nassets: { d: { kind: files, root: /d } }\n`,
    '2:8',
    /lies in \/d of asset `d`.*restores from/,
  ],
  [
    'an asset inside the state',
    `app: a\nstate: /d\nassets: { d: { kind: files, root: /d/x } }\n`,
    '2:8',
    /holds \/d\/x/,
  ],
  [
    'the state inside the releases',
    `app: a\nstate: /opt/a/state\n${asset}`,
    '2:8',
    /asset `release`/,
  ],
  [
    'two assets for one file',
    `${head}assets: { a: { kind: files, root: /d }, b: { kind: files, root: /d } }\n`,
    '3:44',
    /both own \/d/,
  ],
  [
    'two patterns for one file',
    `${head}assets: { a: { kind: json, root: /d, files: ['a*.json'] }, b: { kind: json, root: /d, files: ['*b.json'] } }\n`,
    '3:63',
    /both own \/d\/ab\.json/,
  ],
  [
    'one database twice',
    `${head}assets: { a: { kind: sqlite, path: /d/x.db }, b: { kind: files, root: /d, files: [x.db-wal] } }\n`,
    '3:50',
    /both own \/d\/x\.db-wal/,
  ],
  [
    'a release folder in a symlink layout',
    `${head}assets: { a: { kind: files, root: '{release}/plugins' } }\n`,
    '3:35',
    /after every switch/,
  ],
  [
    'a service asset without files',
    `${head}assets: { a: { kind: service } }\nservice: { manager: process, run: x }\n`,
    '3:14',
    /no files of its own/,
  ],
  [
    'an unknown companion',
    `${head}assets: { db: { kind: sqlite, path: /a, together: [bd] } }\n`,
    '3:52',
    /did you mean `db`/,
  ],
  ['an unknown hook', `${head}${asset}hooks: { before-stpo: { run: x } }\n`, '4:10', /before-stop/],
  ['a start without until', `${head}${asset}migrate: { start: x }\n`, '4:10', /healthy/],
  [
    'a start that nobody can tell to be healthy',
    `${head}${asset}migrate: { start: x, until: healthy }\n`,
    '4:29',
    /nothing says when the started release is healthy/,
  ],
  [
    'a start that is asked at the address of the running application',
    `${head}${asset}migrate: { start: 'x {port}', until: healthy }\nhealth: { ready: { http: 'http://127.0.0.1:80/' } }\n`,
    '5:26',
    /address is that of the running application/,
  ],
  [
    'a start that is not told where to listen',
    `${head}${asset}migrate: { start: x, until: healthy }\nhealth: { ready: { http: / } }\n`,
    '4:19',
    /not told the free port/,
  ],
  [
    'an objective without its half',
    `${head}${asset}objectives: { database: { target: 1h } }\n`,
    '4:25',
    /maxDowntime|missing/,
  ],
];

for (const [name, text, at, says] of refusals) {
  test(`refused with its place: ${name}`, () => {
    const problems = problemsOf(text);
    const found = problems.find((each) => says.test(`${each.message} ${each.hint}`));
    assert.ok(found, JSON.stringify(problems, null, 1));
    assert.equal(`${found.line}:${found.column}`, at);
  });
}
