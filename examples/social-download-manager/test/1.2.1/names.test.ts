import assert from 'node:assert/strict';
import { test } from 'node:test';

import { folderParts } from '../../1.2.1/downloads/folder.ts';
import { fileName } from '../../1.2.1/downloads/names.ts';

test('a title becomes a name that every file system takes', () => {
  for (const [title, name] of [
    ['Old tram', 'Old tram.mp4'],
    ['a/b\\c', 'a_b_c.mp4'],
    ['a\u0000b\u0007\nc', 'a_b_c.mp4'],
    ['../../etc/passwd', '_.._etc_passwd.mp4'],
    ['...hidden', 'hidden.mp4'],
    [' spaced   out. ', 'spaced out.mp4'],
    ['', 'download.mp4'],
    ['...', 'download.mp4'],
    ['con', '_con.mp4'],
    ['LPT1.backup', '_LPT1.backup.mp4'],
    ['console', 'console.mp4'],
    ['What? "This": <that>|*', 'What_ _This_ _that_.mp4'],
    ['exe\u202e4pm.', 'exe_4pm.mp4'],
    ['Kỷ niệm'.normalize('NFD'), 'Kỷ niệm.mp4'.normalize('NFC')],
    ['half \ud83d pair', 'half \ufffd pair.mp4'],
  ] as const) {
    assert.equal(fileName(title, 'mp4'), name, JSON.stringify(title));
  }
});

test('an extension that is none becomes bin', () => {
  assert.equal(fileName('a', 'MP4'), 'a.mp4');
  for (const extension of ['', 'm/4', '../x', 'waytoolong', 'é']) {
    assert.equal(fileName('a', extension), 'a.bin');
  }
});

test('a copy is numbered before its extension', () => {
  assert.equal(fileName('a', 'mp4', 2), 'a (2).mp4');
  assert.equal(fileName('a', 'mp4', 17), 'a (17).mp4');
});

test('long names are cut to 200 bytes between whole characters', () => {
  assert.equal(fileName('x'.repeat(300), 'mp4'), `${'x'.repeat(196)}.mp4`);
  assert.equal(fileName('x'.repeat(300), 'mp4', 2), `${'x'.repeat(192)} (2).mp4`);
  // A family of four is one character of 25 bytes: seven of them fit into 196.
  const family = '👨‍👩‍👧‍👦';
  assert.equal(fileName(family.repeat(12), 'mp4'), `${family.repeat(7)}.mp4`);
  // The cut may not leave the second half of a letter with its accent apart.
  const letter = 'q\u0323\u0307';
  assert.equal(fileName(`${'x'.repeat(194)}${letter}`, 'mp4'), `${'x'.repeat(194)}.mp4`);
});

test('any title gives a name of its own folder, and the same name again', () => {
  let seed = 20_240_601;
  const random = (limit: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed % limit;
  };
  const alphabet = [
    '/',
    '\\',
    '.',
    ' ',
    '\u0000',
    'é',
    'e\u0301',
    '🍜',
    '👩‍🚀',
    'con',
    'x',
    '\ud800',
    '"',
  ];
  for (let round = 0; round < 2_000; round += 1) {
    const title = Array.from({ length: random(120) }, () => alphabet[random(alphabet.length)]).join(
      '',
    );
    const name = fileName(title, 'mp4', 1 + random(3));
    const shown = JSON.stringify(title);
    assert.ok(Buffer.byteLength(name) <= 200, shown);
    assert.doesNotMatch(name, /[/\\\p{Cc}]|^\.|^$/u, shown);
    assert.ok(name.isWellFormed() && name === name.normalize('NFC'), shown);
    assert.equal(fileName(name.slice(0, -4), 'mp4'), name, shown);
  }
});

test('a folder preference may not leave the download folder', () => {
  assert.deepEqual(folderParts(''), []);
  assert.deepEqual(folderParts('clips/2024'), ['clips', '2024']);
  for (const folder of [
    '..',
    '../x',
    'a/../../b',
    '/etc',
    'a//b',
    'a/',
    '.',
    '.parts',
    'a/.b',
    'a\\b',
  ]) {
    assert.throws(() => folderParts(folder), { code: 'folder/outside' }, folder);
  }
  assert.throws(() => folderParts('a\u0000b'), { code: 'folder/outside' });
  assert.throws(() => folderParts('a'.repeat(300)), { code: 'folder/outside' });
});
