import type { Argv } from '../run-command.ts';
import type { ComposeDefinition } from './definition.ts';

/**
 * What is asked of Docker, as data. Source: Docker's reference of `docker compose` and `docker update`.
 * `stop` keeps the containers with what was written in them; `--restart=no` keeps the engine from starting
 * them again when it is itself restarted.
 */
export const composeActs = ['show', 'stop', 'start', 'log'] as const;
export type ComposeAct = (typeof composeActs)[number];

/** The one command line of an act on the services. */
export function composeCommand(definition: ComposeDefinition, act: ComposeAct): Argv {
  const { services, stopTimeoutMs } = definition;
  const compose = composeOf(definition);
  const seconds = String(Math.ceil(stopTimeoutMs / 1000));
  const commands: Readonly<Record<ComposeAct, Argv>> = {
    show: [...compose, 'ps', '--all', '--format', 'json', ...services],
    stop: [...compose, 'stop', '--timeout', seconds, ...services],
    start: [...compose, 'up', '--detach', '--no-build', ...services],
    log: [...compose, 'logs', '--no-color', '--no-log-prefix', '--tail', '20', ...services],
  };
  return commands[act];
}

/** Prints each container's restart policy on a line of its own: `no`, `always`, `on-failure:3`. */
export function policyCommand(ids: readonly string[]): Argv {
  const { Name, MaximumRetryCount } = {
    Name: '{{.HostConfig.RestartPolicy.Name}}',
    MaximumRetryCount: '{{.HostConfig.RestartPolicy.MaximumRetryCount}}',
  };
  return ['docker', 'inspect', '--format', `${Name}:${MaximumRetryCount}`, ...ids];
}

export function restartCommand(policy: string, ids: readonly string[]): Argv {
  return ['docker', 'update', `--restart=${policy}`, ...ids];
}

function composeOf({ file, project }: ComposeDefinition): Argv {
  const base: Argv = ['docker', 'compose', '--file', file];
  return project === undefined ? base : [...base, '--project-name', project];
}
