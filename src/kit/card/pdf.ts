import type { CardLine, CardStyle } from './lines.ts';
import { inWinAnsi } from './win-ansi.ts';

/**
 * One page of A4 as PDF 1.4: fonts that every reader has (Helvetica, Courier), text in WinAnsiEncoding, no
 * compression, no date of its making, so that the same card is the same file. Source: ISO 32000-1, 7.5 and 9.
 */
export function pdfPage(
  lines: readonly CardLine[],
  { app, madeAt }: { readonly app: string; readonly madeAt: string },
): Buffer {
  const content = contentOf(lines);
  return fileOf([
    ascii('<< /Type /Catalog /Pages 2 0 R >>'),
    ascii('<< /Type /Pages /Kids [3 0 R] /Count 1 >>'),
    ascii(
      '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 7 0 R ' +
        '/Resources << /Font << /F1 4 0 R /F2 5 0 R /F3 6 0 R >> >> >>',
    ),
    ...['Helvetica', 'Helvetica-Bold', 'Courier'].map(font),
    Buffer.concat([
      ascii(`<< /Length ${content.length} >>\nstream\n`),
      content,
      ascii('\nendstream'),
    ]),
    Buffer.concat([
      ascii('<< /Title '),
      stringOf(`Emergency card of ${app}, ${madeAt}`),
      ascii(' /Producer (Backstep) >>'),
    ]),
  ]);
}

interface Setting {
  readonly font: 'F1' | 'F2' | 'F3';
  /** Points. */
  readonly size: number;
  /** Points from the line above. */
  readonly leading: number;
}

const settings: Readonly<Record<CardStyle, Setting>> = {
  title: { font: 'F2', size: 16, leading: 22 },
  heading: { font: 'F2', size: 11, leading: 19 },
  text: { font: 'F1', size: 9.5, leading: 12 },
  typed: { font: 'F3', size: 9, leading: 13 },
};

/** Points from the left and from the bottom of A4. */
const [left, top] = [45, 806];

function contentOf(lines: readonly CardLine[]): Buffer {
  let y = top;
  const shown = lines.flatMap(({ style, text }) => {
    const { font: name, size, leading } = settings[style];
    y -= leading;
    return [
      ascii(`/${name} ${size} Tf\n1 0 0 1 ${left} ${y} Tm\n`),
      stringOf(text),
      ascii(' Tj\n'),
    ];
  });
  return Buffer.concat([ascii('BT\n'), ...shown, ascii('ET')]);
}

function font(name: string): Buffer {
  return ascii(`<< /Type /Font /Subtype /Type1 /BaseFont /${name} /Encoding /WinAnsiEncoding >>`);
}

/** Header, objects numbered from 1, the table of where each begins, the trailer. The last object is the title. */
function fileOf(objects: readonly Buffer[]): Buffer {
  // Four bytes above 127 tell programs that move files that this one is binary.
  const parts: Buffer[] = [ascii('%PDF-1.4\n%'), Buffer.from([0xe2, 0xe3, 0xcf, 0xd3, 0x0a])];
  const begins: number[] = [];
  let length = sizeOf(parts);
  for (const [at, object] of objects.entries()) {
    const whole = Buffer.concat([ascii(`${at + 1} 0 obj\n`), object, ascii('\nendobj\n')]);
    begins.push(length);
    parts.push(whole);
    length += whole.length;
  }
  const rows = begins.map((begin) => `${String(begin).padStart(10, '0')} 00000 n \n`);
  const count = objects.length + 1;
  parts.push(
    ascii(`xref\n0 ${count}\n0000000000 65535 f \n${rows.join('')}`),
    ascii(`trailer\n<< /Size ${count} /Root 1 0 R /Info ${objects.length} 0 R >>\n`),
    ascii(`startxref\n${length}\n%%EOF\n`),
  );
  return Buffer.concat(parts);
}

function sizeOf(parts: readonly Buffer[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

/** A string of PDF: brackets and backslashes are escaped. */
function stringOf(text: string): Buffer {
  const bytes = [...inWinAnsi(text)].flatMap((byte) =>
    byte === 0x28 || byte === 0x29 || byte === 0x5c ? [0x5c, byte] : [byte],
  );
  return Buffer.from([0x28, ...bytes, 0x29]);
}

function ascii(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}
