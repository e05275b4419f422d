import { maskPath } from '../service/process/mask-file.ts';
import { markerVariable } from '../service/process/tree.ts';
import type { KitFacts } from './part.ts';
import { quoted } from './shell-word.ts';

/**
 * Functions of the shell that stop and hold back the service, and let it run again: `service_stop`, `service_start`.
 * Each may be called again after it was killed.
 */
export function serviceText(facts: KitFacts): string {
  return `# shellcheck shell=sh\n${functionsOf(facts).join('\n')}\n`;
}

function functionsOf({ service }: KitFacts): readonly string[] {
  if (service.process !== null) return processFunctions(service, service.process);
  if (service.start.length > 0) {
    return [...inOrder('service_stop', service.stop), ...inOrder('service_start', service.start)];
  }
  return [
    `service_stop() { say ${quoted(`end the application by hand before you go on (${service.manager})`)}; }`,
    `service_start() { say ${quoted(`start the application by hand now (${service.manager})`)}; }`,
  ];
}

/** The last of them counts; what goes before it (masks, loads what may be loaded already) is only said where it fails. */
function inOrder(name: string, commands: readonly (readonly string[])[]): readonly string[] {
  const lines = commands.map((argv, at) => {
    const line = `  ${command(argv)}`;
    return at === commands.length - 1
      ? line
      : `${line} || say ${quoted(`failed: ${argv.join(' ')}`)}`;
  });
  return [`${name}() {`, ...lines, '}'];
}

function processFunctions(
  { stopTimeoutMs }: KitFacts['service'],
  { folder, argv, cwd, env, user }: NonNullable<KitFacts['service']['process']>,
): readonly string[] {
  const marker = quoted(`${markerVariable}=${folder}`);
  const assigned = Object.entries(env).filter(([name]) => name !== 'PATH');
  const environment = assigned.map(([name, value]) => quoted(`${name}=${value}`));
  const account = user === null ? [] : ['runuser', '-u', quoted(user), '--'];
  const start = [...account, 'env', ...environment, marker, command(argv)].join(' ');
  return [
    'service_stop() {',
    `  mkdir -p -- ${quoted(folder)} || return 1`,
    `  printf 'emergency_rollback.sh\\n' >${quoted(maskPath(folder))} || return 1`,
    `  end_marked ${marker} ${Math.ceil(stopTimeoutMs / 1000)}`,
    '}',
    'service_start() (',
    `  if is_marked ${marker}; then exit 0; fi`,
    `  rm -f -- ${quoted(maskPath(folder))} && cd ${quoted(cwd)} || exit 1`,
    `  detached ${start}`,
    ')',
  ];
}

function command(argv: readonly string[]): string {
  return argv.map(quoted).join(' ');
}
