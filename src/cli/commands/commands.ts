import type { CommandDefinition } from './definition.ts';
import { resumeCommand } from './resume.ts';
import { returnCommand } from './return.ts';
import { rollbackCommand } from './rollback.ts';
import { statusCommand } from './status.ts';
import { upgradeCommand } from './upgrade.ts';

/** Every command, in the order of the help. One line each. */
export const commands: readonly CommandDefinition[] = [
  statusCommand,
  upgradeCommand,
  rollbackCommand,
  returnCommand,
  resumeCommand,
];
