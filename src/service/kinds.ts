import { z } from '../form/schema.ts';
import { composeKind } from './compose/compose.ts';
import { launchdKind } from './launchd/launchd.ts';
import { noneKind } from './none.ts';
import { openrcKind } from './openrc/openrc.ts';
import { processKind } from './process/process.ts';
import type { Service, ServiceKind, ServicePlaces, ServiceSurroundings } from './service.ts';
import { systemdKind } from './systemd/systemd.ts';
import { windowsKind } from './windows/windows.ts';

/** Every way of running an application. One line each: the manifest's schema and its docs follow. */
export const serviceKinds = {
  systemd: systemdKind,
  openrc: openrcKind,
  launchd: launchdKind,
  windows: windowsKind,
  compose: composeKind,
  process: processKind,
  none: noneKind,
} satisfies Record<string, ServiceKind<{ readonly manager: string }>>;

type Kinds = typeof serviceKinds;
type DefinitionOf<Kind> = Kind extends ServiceKind<infer Definition> ? Definition : never;
export type ServiceDefinition = { [Name in keyof Kinds]: DefinitionOf<Kinds[Name]> }[keyof Kinds];

/** The `service:` part of the manifest. */
export const serviceSchema = z.discriminatedUnion('manager', [
  serviceKinds.systemd.schema,
  serviceKinds.openrc.schema,
  serviceKinds.launchd.schema,
  serviceKinds.windows.schema,
  serviceKinds.compose.schema,
  serviceKinds.process.schema,
  serviceKinds.none.schema,
]);

/** The files that the service is described in; none where its manager keeps them to itself. */
export function serviceFiles(
  definition: ServiceDefinition,
  places: ServicePlaces,
): readonly string[] {
  const kind: ServiceKind<ServiceDefinition> = serviceKinds[definition.manager];
  return kind.files(definition, places);
}

export function openService(
  definition: ServiceDefinition,
  surroundings: ServiceSurroundings,
): Service {
  const kind: ServiceKind<ServiceDefinition> = serviceKinds[definition.manager];
  return kind.open(definition, surroundings);
}
