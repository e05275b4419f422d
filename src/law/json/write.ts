import type { JsonDocument } from './document.ts';
import type { ContainerStyle } from './read.ts';
import { isObject, isSame, type Json, type JsonArray, type JsonObject } from './value.ts';

/**
 * Writes `value` in the layout of `template`: its byte order mark, indent, newlines and end. Whatever
 * equals the template at its place keeps the template's characters; keys stand in the template's order,
 * new ones last. A value equal to the template's gives exactly the template's bytes.
 */
export function writeLike(template: JsonDocument, value: Json): Uint8Array {
  if (isSame(value, template.root)) return template.bytes;
  const mark = template.hasByteOrderMark ? '\uFEFF' : '';
  return new TextEncoder().encode(mark + textLike(template, value));
}

/** `writeLike` without the encoding and the byte order mark. */
export function textLike(template: Source, value: Json): string {
  const { text } = template;
  const span = template.spans.get(template.root);
  const head = text.slice(0, span?.start ?? 0);
  const tail = text.slice(span?.end ?? text.length);
  const body = print(value, { template: template.root, base: '', house: houseOf(template) });
  return head + body + tail;
}

/** JSON text of a value by itself, without white space. */
export function compactText(value: Json): string {
  const house: House = { source: null, unit: null, newline: '\n', colon: ':', comma: ',' };
  return print(value, { template: undefined, base: '', house });
}

type Source = Pick<JsonDocument, 'text' | 'root' | 'spans'>;

/** How the whole document is written. */
interface House {
  readonly source: Source | null;
  /** The indent of one level; null where everything stands on one line. */
  readonly unit: string | null;
  readonly newline: string;
  readonly colon: string;
  readonly comma: string;
}

interface Surroundings {
  readonly template: Json | undefined;
  /** The indent of the line on which the value begins. */
  readonly base: string;
  readonly house: House;
}

function print(value: Json, around: Surroundings): string {
  const kept = keptText(value, around);
  if (kept !== null) return kept;
  if (value.kind === 'array') return printArray(value, around);
  if (isObject(value)) return printObject(value, around);
  return scalarText(value);
}

function scalarText(value: Exclude<Json, JsonArray | JsonObject>): string {
  if (value.kind === 'null') return 'null';
  if (value.kind === 'number') return value.text;
  // Well-formed JSON.stringify: lone surrogates become escapes.
  return JSON.stringify(value.value);
}

/** The template's own characters, where the value is the template's. */
function keptText(value: Json, { template, house }: Surroundings): string | null {
  if (template === undefined || house.source === null || !isSame(value, template)) return null;
  const span = house.source.spans.get(template);
  return span === undefined ? null : house.source.text.slice(span.start, span.end);
}

function printArray(value: JsonArray, around: Surroundings): string {
  const templates = around.template?.kind === 'array' ? around.template.items : [];
  const style = styleOf(around);
  const parts = value.items.map((item, index) =>
    print(item, { ...around, template: templates[index], base: innerBase(style, around.base) }),
  );
  return wrap(['[', ']'], parts, style);
}

function printObject(value: JsonObject, around: Surroundings): string {
  const members = isObject(around.template) ? around.template.members : new Map<string, Json>();
  const style = styleOf(around);
  const parts = orderedKeys(value, members).map(([key, member]) => {
    const inner = { ...around, template: members.get(key), base: innerBase(style, around.base) };
    return JSON.stringify(key) + around.house.colon + print(member, inner);
  });
  return wrap(['{', '}'], parts, style);
}

function orderedKeys(value: JsonObject, first: JsonObject['members']): [string, Json][] {
  const entries = [...value.members];
  const rank = new Map([...first.keys()].map((key, index) => [key, index]));
  return entries.sort(([a], [b]) => (rank.get(a) ?? first.size) - (rank.get(b) ?? first.size));
}

function wrap(brackets: [string, string], parts: string[], style: LineStyle): string {
  const [start, end] = brackets;
  if (parts.length === 0) return start + end;
  return start + style.open + parts.join(`,${style.between}`) + style.close + end;
}

type LineStyle = Omit<ContainerStyle, 'between'> & { readonly between: string };

/** The style of the container that stood here, else that of the document. */
function styleOf({ template, base, house }: Surroundings): LineStyle {
  const own = template === undefined ? undefined : house.source?.spans.get(template)?.style;
  if (own === undefined || own === null) return houseStyle(house, base);
  const between = own.between ?? (own.open.includes('\n') ? own.open : house.comma.slice(1));
  return { ...own, between };
}

function houseStyle(house: House, base: string): LineStyle {
  if (house.unit === null) return { open: '', between: house.comma.slice(1), close: '' };
  const open = house.newline + base + house.unit;
  return { open, between: open, close: house.newline + base };
}

function innerBase(style: LineStyle, base: string): string {
  const newline = style.open.lastIndexOf('\n');
  return newline < 0 ? base : style.open.slice(newline + 1);
}

/** Read off the outermost containers that have parts: they come last in `spans`. */
function houseOf(source: Source): House {
  const { text } = source;
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const styles = [...source.spans.values()].flatMap((span) => span.style ?? []);
  const broken = styles.findLast((style) => style.open.includes('\n'));
  const unit = broken === undefined ? null : indentUnit(broken);
  const comma = styles.findLast((style) => style.between !== null && !style.between.includes('\n'));
  const colon = colonOf(source);
  const inline = comma?.between ?? (colon.endsWith(' ') ? ' ' : '');
  return { source, unit, newline, colon, comma: `,${inline}` };
}

/** The difference between the indent inside a container and that of its end. */
function indentUnit(style: ContainerStyle): string {
  const inside = style.open.slice(style.open.lastIndexOf('\n') + 1);
  const outside = style.close.slice(style.close.lastIndexOf('\n') + 1);
  return inside.startsWith(outside) ? inside.slice(outside.length) : inside;
}

/** What stands between the first key and its value. */
function colonOf(source: Source): string {
  const object = [...source.spans.keys()].findLast(
    (value) => isObject(value) && value.members.size > 0,
  );
  if (!isObject(object)) return ': ';
  const [first] = object.members.values();
  const start = source.spans.get(object)?.start ?? 0;
  const end = (first === undefined ? undefined : source.spans.get(first)?.start) ?? start;
  const before = source.text.slice(start, end);
  return before.slice(before.trimEnd().slice(0, -1).trimEnd().length);
}
