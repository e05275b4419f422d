#!/usr/bin/env node
import { addToken, addUser } from './accounts.ts';
import { parseCommand, usage, type Command } from './arguments.ts';
import { createLog } from './log.ts';
import { prepare } from './prepare.ts';
import { Refusal } from './refusal.ts';
import { serve } from './serve.ts';
import { releaseVersion } from './settings/schema.ts';
import { ShapeError } from './shape.ts';

// What this program writes is for its user alone.
process.umask(0o077);

try {
  await run(parseCommand(process.argv.slice(2)));
} catch (error) {
  if (error instanceof Refusal) refuse(error.message, error);
  else if (error instanceof ShapeError) refuse(error.message, { exitCode: 2, hint: '' });
  else throw error;
}

async function run(command: Command): Promise<void> {
  switch (command.kind) {
    case 'serve':
      return serve(command);
    case 'migrate':
      return migrateFolder(command.data);
    case 'user':
      return addUser(command.data, command);
    case 'token':
      return print(addToken(command.data, command.label));
    case 'help':
      return print(usage);
    case 'version':
      return print(releaseVersion);
  }
}

function migrateFolder(folder: string): void {
  const prepared = prepare(folder);
  const log = createLog(prepared.settings.config.value.application.logLevel);
  log.info('migrated', { applied: prepared.migrated, version: releaseVersion });
  prepared.close();
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function refuse(message: string, { exitCode, hint }: { exitCode: number; hint: string }): void {
  process.stderr.write(`error: ${message}\n${hint === '' ? '' : `hint: ${hint}\n`}`);
  process.exitCode = exitCode;
}
