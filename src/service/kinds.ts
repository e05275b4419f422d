import assert from 'node:assert/strict';
import { z } from 'zod';
import { noneKind } from './none.ts';
import { processKind } from './process/process.ts';
import type { Service, ServiceForms, ServiceKind, ServiceSurroundings } from './service.ts';
import { systemdKind } from './systemd/systemd.ts';

/** Every way of running an application. One line each. */
export const serviceKinds = {
  none: noneKind,
  process: processKind,
  systemd: systemdKind,
} satisfies Record<string, ServiceKind<{ readonly manager: string }>>;

type Kinds = typeof serviceKinds;
type DefinitionOf<Kind> = Kind extends ServiceKind<infer Definition> ? Definition : never;
export type ServiceDefinition = { [Name in keyof Kinds]: DefinitionOf<Kinds[Name]> }[keyof Kinds];

/** The `service:` part of the manifest. */
export function serviceSchema(forms: ServiceForms): z.ZodType<ServiceDefinition> {
  const [first, ...rest] = Object.values(serviceKinds).map((kind) => kind.schema(forms));
  assert(first !== undefined);
  return z.discriminatedUnion('manager', [first, ...rest]);
}

export function openService(
  definition: ServiceDefinition,
  surroundings: ServiceSurroundings,
): Service {
  const kind: ServiceKind<ServiceDefinition> = serviceKinds[definition.manager];
  return kind.open(definition, surroundings);
}
