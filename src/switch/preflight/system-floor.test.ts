import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shortfallIn } from './system-floor.ts';

test('a system that is too old is told by what it says of itself', () => {
  const old = [
    ['linux', 'NAME="Ubuntu"\nID=ubuntu\nVERSION_ID="16.04"\n', 'Ubuntu 16.04'],
    ['darwin', '10.14.6\n', 'macOS 10.14.6'],
    ['win32', '\r\nMicrosoft Windows [Version 6.3.9600]\r\n', 'Windows 6.3.9600'],
  ] as const;
  for (const [platform, text, name] of old) {
    const { found, remedy } = shortfallIn(platform, text) ?? { found: '', remedy: '' };
    assert.ok(found.startsWith(`${name}, at least `), `${platform}: ${found}`);
    assert.notEqual(remedy, '');
  }
});

test('one that is new enough, or does not tell, is none', () => {
  const fine = [
    ['linux', 'ID=ubuntu\nVERSION_ID="18.04"\n'],
    ['linux', 'ID=debian\nVERSION_ID="8"\n'],
    ['linux', ''],
    ['darwin', '10.15\n'],
    ['darwin', '14.2.1\n'],
    ['win32', 'Microsoft Windows [Version 10.0.19045.3803]\r\n'],
    ['win32', 'Microsoft Windows [versión 10.0.22631.1]\r\n'],
    ['win32', 'who knows'],
  ] as const;
  for (const [platform, text] of fine) assert.equal(shortfallIn(platform, text), null, text);
});
