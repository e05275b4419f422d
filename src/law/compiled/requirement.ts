import { quoteName } from '../../sqlite/names.ts';

/**
 * A statement that fails where a condition does not hold, with the reason in SQLite's message; with `-bail` the shell
 * stops there, and nothing is committed. `holds` is SQL that yields 1 or anything else.
 */
export function requirement(reason: string, holds: string): readonly string[] {
  const name = quoteName(`backstep requires: ${reason}`);
  return [
    `CREATE TEMP TABLE ${name} (holds CONSTRAINT ${quoteName(reason)} CHECK (holds IS 1))`,
    `INSERT INTO ${name} SELECT ${holds}`,
  ];
}
