import { guides } from '../src/cli/guide.ts';
import { manPage } from '../src/cli/man-page.ts';
import { codes } from '../src/fault/codes.ts';
import { z } from '../src/form/schema.ts';
import { reversalSchema } from '../src/law/reversal/schema.ts';
import { manifestSchema } from '../src/manifest/schema.ts';
import { errorsPage } from './errors-page.ts';
import { readManual } from './manual/answers.ts';
import { manualPage } from './manual/page.ts';

/** A file of the repository that is made from the code. */
export interface GeneratedFile {
  /** Below the repository. */
  readonly path: string;
  readonly command: string;
  readonly text: string;
}

/** Every file that is made, as it should be now. */
export async function generatedFiles(): Promise<readonly GeneratedFile[]> {
  return [...schemaFiles(), errorsFile(), await manFile(), manualFile()];
}

/** JSON Schema draft 7, which editors understand, of what people write by hand. */
export function schemaFiles(): readonly GeneratedFile[] {
  const command = 'node scripts/generate-schemas.ts';
  return [
    { path: 'schema/manifest.schema.json', command, text: schemaText(manifestSchema) },
    { path: 'schema/reversal.schema.json', command, text: schemaText(reversalSchema) },
  ];
}

export function errorsFile(): GeneratedFile {
  return {
    path: 'docs/errors.md',
    command: 'node scripts/generate-errors.ts',
    text: errorsPage(codes),
  };
}

/** What `man backstep` shows. */
export async function manFile(): Promise<GeneratedFile> {
  return {
    path: 'man/backstep.1',
    command: 'node scripts/generate-man.ts',
    text: manPage(await guides()),
  };
}

/** What Backstep does about each line of the manual. */
export function manualFile(): GeneratedFile {
  return {
    path: 'docs/manual.md',
    command: 'node scripts/generate-manual.ts',
    text: manualPage(readManual()),
  };
}

function schemaText(schema: z.ZodType): string {
  const described = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' });
  return `${JSON.stringify(described, null, 2)}\n`;
}
