/**
 * Makes docs/pictures/demo.svg from what the demo really prints:
 *
 *     node examples/demo/picture.ts
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { text } from 'node:stream/consumers';

const picture = join(import.meta.dirname, '../../docs/pictures/demo.svg');

const letterWidth = 7.8;
const lineHeight = 18;
const margin = 16;
const longestLine = 112;
const colours: Readonly<Record<string, string>> = { '32': '#7ee2a0', '31': '#ff8f85' };

/** One line as the terminal shows it: a style belongs to a whole line. */
interface Line {
  readonly text: string;
  readonly colour: string;
  readonly isBold: boolean;
}

const shown = await demoOutput();
writeFileSync(picture, svgOf(shown.split('\n').map(lineOf)));
process.stdout.write(`${picture}\n`);

async function demoOutput(): Promise<string> {
  const args = ['--report', join(tmpdir(), 'report.html')];
  const child = spawn(process.execPath, [join(import.meta.dirname, 'demo.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, FORCE_COLOR: '1' },
  });
  const ended = once(child, 'exit');
  const output = await text(child.stdout);
  const [code] = await ended;
  if (code !== 0) throw new Error(`the demo ended with ${String(code)}:\n${output}`);
  // What differs from run to run and says nothing.
  return output.trimEnd().replaceAll(/(backstep-demo)-\w+/g, '$1');
}

function lineOf(styled: string): Line {
  const codes = styled.split('\u001b[').map((part) => part.split('m')[0] ?? '');
  const colour = codes.map((code) => colours[code]).find((found) => found !== undefined);
  const plain = stripVTControlCharacters(styled);
  return {
    text: plain.length <= longestLine ? plain : `${plain.slice(0, longestLine - 1)}…`,
    colour: colour ?? '#d7dce5',
    isBold: codes.includes('1'),
  };
}

function svgOf(lines: readonly Line[]): string {
  const width = Math.ceil(longestLine * letterWidth + 2 * margin);
  const height = lines.length * lineHeight + 2 * margin;
  const rows = lines.map((line, n) => rowOf(line, margin + (n + 0.75) * lineHeight));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="What npm run demo prints">
<rect width="100%" height="100%" rx="8" fill="#14171c"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="13">
${rows.filter((row) => row !== '').join('\n')}
</g>
</svg>
`;
}

/** Columns stand where they stand in a terminal, whatever the letters of the reader's font measure. */
function rowOf({ text: content, colour, isBold }: Line, y: number): string {
  const parts = [...content.matchAll(/\S+(?: \S+)*/g)].map((part) => {
    const x = margin + part.index * letterWidth;
    return `<tspan x="${x.toFixed(1)}">${escaped(part[0])}</tspan>`;
  });
  if (parts.length === 0) return '';
  const weight = isBold ? ' font-weight="bold"' : '';
  return `<text y="${y}" fill="${colour}"${weight}>${parts.join('')}</text>`;
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
