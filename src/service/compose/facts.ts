import { z } from '../../form/schema.ts';

const container = z.object({
  ID: z.string(),
  Service: z.string(),
  Name: z.string(),
  /** `created`, `running`, `paused`, `restarting`, `removing`, `exited`, `dead`. */
  State: z.string(),
  ExitCode: z.number().default(0),
});

/** What `docker compose ps` tells of one container. */
export type Container = z.output<typeof container>;

/** One document a line, or one array of all (before Compose 2.21). */
export function parseContainers(text: string): readonly Container[] {
  const trimmed = text.trim();
  if (trimmed === '') return [];
  if (trimmed.startsWith('[')) return z.array(container).parse(JSON.parse(trimmed));
  return trimmed.split('\n').map((line) => container.parse(JSON.parse(line)));
}

/** `on-failure:3` as it is; a policy without a count without it. */
export function parsePolicy(line: string): string {
  const [name = 'no', count = '0'] = line.trim().split(':');
  if (name === '') return 'no';
  return name === 'on-failure' && count !== '0' ? `${name}:${count}` : name;
}
