import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

/** What of the parser is used here; the package's own types name a module that it does not ship. */
interface Grammar {
  readonly Parser: {
    new (): {
      setLanguage(language: unknown): void;
      parse(text: string): { readonly rootNode: SyntaxNode };
    };
    init(options: { locateFile(name: string): string }): Promise<void>;
  };
  readonly Language: { load(file: string): Promise<unknown> };
}

interface SyntaxNode {
  readonly type: string;
  readonly isMissing: boolean;
  readonly startPosition: { readonly row: number };
  readonly text: string;
  readonly children: readonly SyntaxNode[];
}

const require = createRequire(import.meta.url);
const program = require.resolve('@vscode/tree-sitter-wasm');
const folder = dirname(program);

async function parser(): Promise<(text: string) => readonly string[]> {
  const { Parser, Language }: Grammar = require(program);
  await Parser.init({ locateFile: (name) => join(folder, name) });
  const powershell = await Language.load(join(folder, 'tree-sitter-powershell.wasm'));
  return (text) => {
    const reader = new Parser();
    reader.setLanguage(powershell);
    return faultsIn(reader.parse(text).rootNode);
  };
}

function faultsIn(node: SyntaxNode): readonly string[] {
  const own =
    node.type === 'ERROR' || node.isMissing
      ? [`line ${node.startPosition.row + 1}: ${node.text.slice(0, 60)}`]
      : [];
  return [...own, ...node.children.flatMap(faultsIn)];
}

for (const folderOfScripts of ['kit', 'scripts_dev/rollback']) {
  test(`the scripts for PowerShell in ${folderOfScripts} are what its grammar reads`, async () => {
    const faults = await parser();
    const scripts = join(import.meta.dirname, '../..', folderOfScripts);
    const names = readdirSync(scripts).filter((name) => name.endsWith('.ps1'));
    assert.ok(names.length >= 5, names.join(' '));
    for (const name of names) {
      assert.deepEqual(faults(readFileSync(join(scripts, name), 'utf8')), [], name);
    }
  });
}

test('a script that PowerShell would refuse is found', async () => {
  const faults = await parser();
  assert.notDeepEqual(faults('if ($true) { Write-Output "open'), []);
  assert.notDeepEqual(faults('if $true { 1 }'), []);
});
