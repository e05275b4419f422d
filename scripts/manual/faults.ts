import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { guides, longFlag, type CommandGuide } from '../../src/cli/guide.ts';
import { z } from '../../src/form/schema.ts';
import { manifestSchema } from '../../src/manifest/schema.ts';
import type { Answer, Manual } from './answers.ts';

const repository = join(import.meta.dirname, '../..');

/** What answers may point at. */
interface Known {
  readonly commands: readonly CommandGuide[];
  readonly manifest: unknown;
}

/** What is wrong with the answers: lines without one, and whatever they name that does not exist. */
export async function faultsOf(manual: Manual): Promise<string[]> {
  const known = {
    commands: await guides(),
    manifest: z.toJSONSchema(manifestSchema, { io: 'input' }),
  };
  const lines = Object.entries(manual.sections).flatMap(([id, { count, lines: answers }]) => {
    const surplus = Object.keys(answers).filter((key) => Number(key) < 1 || Number(key) > count);
    return [
      ...surplus.map((key) => `${id}-${key}: the manual has no such line`),
      ...Array.from({ length: count }, (_, index) => index + 1).flatMap((number) => {
        const found = answers[number];
        const name = `${id}-${number}`;
        if (found === undefined) return [`${name}: no answer`];
        return answerFaults(found, manual, known).map((fault) => `${name}: ${fault}`);
      }),
    ];
  });
  return [...lines, ...testFaults(manual)];
}

function answerFaults(answer: Answer, { tests, measured }: Manual, known: Known): string[] {
  const { command, setting, check, missing, never } = answer;
  const hasEnd = answer.tests.length > 0 || missing !== undefined || never !== undefined;
  return [
    ...command.flatMap((each) => commandFaults(each, known.commands)),
    ...(setting === undefined || hasKey(known.manifest, setting.split('.'))
      ? []
      : [`the manifest has no ${setting}`]),
    ...(check === undefined || measured.checks[check] !== undefined
      ? []
      : [`\`backstep verify\` has made no check ${check}`]),
    ...answer.tests.filter((key) => tests[key] === undefined).map((key) => `no test ${key}`),
    ...(hasEnd ? [] : ['neither a test, nor what is missing, nor why it will never be']),
  ];
}

/** `backstep release add --x`: the longest name that is a command, and its options. */
function commandFaults(written: string, commands: readonly CommandGuide[]): string[] {
  const [program, ...words] = written.split(' ');
  if (program !== 'backstep') return [`${written} is no command of backstep`];
  const asked = words.filter((word) => word.startsWith('--'));
  const line = words.join(' ');
  const found = commands
    .filter(({ name }) => `${line} `.startsWith(`${name} `))
    .toSorted((a, b) => b.name.length - a.name.length)[0];
  if (found === undefined) return [`there is no ${written}`];
  const own = found.options.map(([option]) => longFlag(option));
  return asked
    .filter((option) => !own.includes(option))
    .map((option) => `backstep ${found.name} has no ${option}`);
}

/** True where a JSON Schema describes the key; `*` is any name. */
function hasKey(schema: unknown, path: readonly string[]): boolean {
  const [first, ...rest] = path;
  if (first === undefined) return true;
  return variants(schema).some((node) => {
    const { properties, additionalProperties } = Object(node);
    const within = first === '*' ? additionalProperties : Object(properties)[first];
    return within !== undefined && hasKey(within, rest);
  });
}

function variants(schema: unknown): unknown[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { anyOf = [], oneOf = [], allOf = [] } = Object(schema);
  return [schema, ...[...anyOf, ...oneOf, ...allOf].flatMap(variants)];
}

function testFaults({ tests }: Manual): string[] {
  return Object.entries(tests).flatMap(([key, { file, name }]) => {
    const path = join(repository, file);
    if (!existsSync(path)) return [`${key}: there is no ${file}`];
    const isThere = testNames(readFileSync(path, 'utf8')).includes(name);
    return isThere ? [] : [`${key}: ${file} has no test '${name}'`];
  });
}

/** Names of tests and of groups of them, as they stand in the source. */
export function testNames(source: string): string[] {
  const calls = /\b(?:test|it|describe)\(\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/gs;
  return [...source.matchAll(calls)].map(([, , name = '']) => name.replaceAll(/\\(.)/g, '$1'));
}
