import type { CommandEntry } from './definition.ts';

/**
 * Every command, in the order of the help. One entry each; what a command needs is loaded when it is called, so
 * that none pays for the others.
 */
export const commands: readonly CommandEntry[] = [
  {
    name: 'status',
    summary: 'which release runs, what can be gone back to, what is on hold',
    load: async () => (await import('./status.ts')).statusCommand,
  },
  {
    name: 'upgrade',
    summary: 'migrate a copy of the state, record the pair, and switch to a newer release',
    load: async () => (await import('./upgrade.ts')).upgradeCommand,
  },
  {
    name: 'rollback',
    summary: 'go back to an older release, with what users did since',
    load: async () => (await import('./rollback.ts')).rollbackCommand,
  },
  {
    name: 'return',
    summary: 'go forward again to the release that was left; what was parked comes back',
    load: async () => (await import('./return.ts')).returnCommand,
  },
  {
    name: 'resume',
    summary: 'finish or undo a run that was interrupted',
    load: async () => (await import('./resume.ts')).resumeCommand,
  },
  {
    name: 'merge',
    summary: 'the law alone: three states of a database or JSON file into a fourth, no manifest',
    load: async () => (await import('./merge.ts')).mergeCommand,
  },
  {
    name: 'service start',
    summary: 'start the application by its manager and wait until it is ready',
    load: async () => (await import('./service.ts')).serviceStartCommand,
  },
  {
    name: 'service stop',
    summary: 'stop the application by its manager',
    load: async () => (await import('./service.ts')).serviceStopCommand,
  },
];
