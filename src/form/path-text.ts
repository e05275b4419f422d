import { refuse, z } from './schema.ts';

/** A path, placeholders not yet filled in: absolute, or below the manifest's folder. */
export const pathText = z
  .string({ error: 'a path' })
  .min(1, { error: 'a path' })
  .transform((written, context) => {
    if (written.startsWith('~')) {
      return refuse(
        context,
        '`~` is another folder under sudo',
        'write the whole path, once and for all',
      );
    }
    if (/\$\w|\$\{|%\w+%/.test(written)) {
      return refuse(
        context,
        `\`${written}\` holds a variable of the environment`,
        'write the whole path: the environment is another under sudo or in a service',
      );
    }
    return written;
  });
