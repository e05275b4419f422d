import type { Column } from '../../sqlite/schema.ts';

/**
 * What to say of an old column that nothing in the new release fills, where the old table takes no row without it; null
 * where it does. Each new row is refused then and parked, which is one missing rule and no matter of single rows.
 */
export function requiredColumn({ name, isNotNull, defaultSql }: Column): string | null {
  if (!isNotNull || (defaultSql !== null && defaultSql.toUpperCase() !== 'NULL')) return null;
  return `\`${name}\` is NOT NULL without a default, so every new row will be parked; yield a value for it in the select: 'unknown' AS ${name}`;
}
