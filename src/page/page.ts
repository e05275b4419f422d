/**
 * Pages of HTML that need nothing else: no script, no file, no connection; light or dark as the reader's system
 * is. Whatever comes from outside is text, never markup.
 */

/** A whole page; `body` is markup, made by the functions of this file. */
export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>${style}</style>
<main>
${body}</main>
</html>
`;
}

export function section(title: string, content: string): string {
  return `<section>\n<h2>${escaped(title)}</h2>\n${content}\n</section>\n`;
}

/** Every cell is text. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: string, row: readonly string[]): string =>
    `<tr>${row.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`;
  return `<table>\n${cells('th', heads)}\n${rows.map((row) => cells('td', row)).join('\n')}\n</table>`;
}

/** Text as it is safe between tags and in attributes. */
export function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (letter) => `&#${letter.codePointAt(0)};`);
}

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif;
  --paper: light-dark(#fff, #16181d); --ink: light-dark(#1d2129, #e7e9ee);
  --quiet: light-dark(#5a6270, #9aa3b2); --rule: light-dark(#dfe3ea, #333945);
  --accent: light-dark(#1f6feb, #6ea8ff); --fault: light-dark(#a3261b, #ff8f85); }
body { margin: 0; background: var(--paper); color: var(--ink); }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2.2rem 0 .6rem; }
p { margin: .3rem 0; overflow-wrap: anywhere; } .quiet, dt { color: var(--quiet); }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: 1rem; margin: 1.5rem 0 0; }
dd { margin: 0; }
section { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .35rem .8rem .35rem 0; border-bottom: 1px solid var(--rule); }
th { font-weight: 600; color: var(--quiet); }
.bars { width: 60%; } .bar { display: block; min-width: 1px; height: .8rem; margin-top: .35rem; background: var(--accent); border-radius: 2px; }
.fault { color: var(--fault); }
`;
