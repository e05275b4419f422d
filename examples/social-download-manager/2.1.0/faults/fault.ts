import { platformRegistry } from '../platforms/registry.ts';
import { Refusal } from '../refusal.ts';

/** JSON files that `broken-json` may break: settings, which are kept aside at the next start, and exports. */
const jsonFiles = [
  'config.json',
  'user_preferences.json',
  'platform_settings.json',
  'performance_settings.json',
  'component_manifest.json',
  'theme_configurations.json',
  'user_data/download_history.json',
  'user_data/saved_preferences.json',
  'user_data/platform_auth.json',
];

/** What each fault's value may be; null where a fault takes none. */
const rules = {
  'crash-at-start': none,
  'crash-after-requests': number({ min: 1, max: 1_000_000_000, isWhole: true }),
  'slow-answers': number({ min: 1, max: 1_000, isWhole: false }),
  'platform-failing': word(platformRegistry.all.map(({ name }) => name)),
  'blank-titles': number({ min: 1, max: 1_000_000_000, isWhole: true }),
  'delete-rows': number({ min: 1, max: 1_000_000_000, isWhole: true }),
  'damage-page': optional(number({ min: 1, max: 1_000_000_000, isWhole: true }), '1'),
  'broken-json': word(jsonFiles),
  'ignore-sigterm': none,
  'leak-memory': number({ min: 1, max: 1_024, isWhole: true }),
} satisfies Record<string, Rule>;

/** The ways in which this release can be made to go bad. */
export type FaultName = keyof typeof rules;

/** A fault as it is asked for. A number is in text, as it was given, and within its limits. */
export interface Fault {
  readonly name: FaultName;
  readonly value: string | null;
}

/** Throws when the value does not fit; returns it, or what stands for none. */
type Rule = (value: string | null) => string | null;

export const faultNames: readonly FaultName[] = Object.keys(rules).filter(isFaultName);

/** Reads `NAME[=VALUE]`. Throws `Refusal` with exit code 2. */
export function parseFault(text: string): Fault {
  const [name = '', ...rest] = text.split('=');
  return faultOf(name, rest.length === 0 ? null : rest.join('='));
}

/** Checks a name and a value. Throws `Refusal` with exit code 2. */
export function faultOf(name: string, value: string | null): Fault {
  if (!isFaultName(name)) throw wrong(`there is no fault named ${name}`);
  try {
    return { name, value: rules[name](value) };
  } catch (error) {
    if (error instanceof RangeError) throw wrong(`${name}: ${error.message}`);
    throw error;
  }
}

function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(rules, name);
}

function wrong(message: string): Refusal {
  return new Refusal(message, { exitCode: 2, hint: `the faults: ${faultNames.join(', ')}` });
}

function none(value: string | null): null {
  if (value === null) return null;
  throw new RangeError('it takes no value');
}

function number(limits: { min: number; max: number; isWhole: boolean }): Rule {
  const { min, max, isWhole } = limits;
  const expected = `a ${isWhole ? 'whole ' : ''}number from ${min} to ${max} is expected`;
  return (value) => {
    const pattern = isWhole ? /^\d+$/ : /^\d+(?:\.\d+)?$/;
    const isRight = value !== null && pattern.test(value);
    if (isRight && Number(value) >= min && Number(value) <= max) return value;
    throw new RangeError(expected);
  };
}

function word(words: readonly string[]): Rule {
  return (value) => {
    if (value !== null && words.includes(value)) return value;
    throw new RangeError(`one of ${words.join(', ')} is expected`);
  };
}

function optional(rule: Rule, standIn: string): Rule {
  return (value) => rule(value ?? standIn);
}
