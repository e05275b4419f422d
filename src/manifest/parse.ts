import { readDocument, type WrittenDocument } from '../form/document.ts';
import { problemAt } from '../form/explain.ts';
import { inFileOrder, type Path, type Problem, type Reading } from '../form/problem.ts';
import { checkCommands } from './check-commands.ts';
import { checkMigration } from './check-migration.ts';
import { checkTerritories } from './check-territories.ts';
import { locateAssets } from './locate.ts';
import type { Hook, Manifest, Releases, Service } from './manifest.ts';
import type { HookPoint } from './operation.ts';
import type { Judging } from './judging.ts';
import { readSections, type PartialSections } from './read-sections.ts';
import { resolvePath, resolvePaths, type Ground } from './resolve.ts';
import { defaultPlaces, pathsOf, type System } from './system.ts';

export interface ManifestSource {
  readonly text: string;
  /** Absolute path of the file that holds the text. */
  readonly file: string;
  /** The system by whose rules it is read. */
  readonly system: System;
}

/**
 * Reads backstep.yaml: a manifest, or everything that is wrong with it, in the order of the file.
 * Pure: nothing on the disk is looked at.
 */
export function parseManifest(source: ManifestSource): Reading<Manifest> {
  const document = readDocument(source.text);
  const { sections, problems } = readSections(document, source.system);
  problems.push(...document.problems);
  const judging = judgingOf(source, { document, sections, problems });
  const manifest = assemble(source, sections, judging);
  if (problems.length > 0 || manifest === null) {
    return { ok: false, problems: inFileOrder(problems) };
  }
  return { ok: true, value: manifest };
}

function judgingOf(
  { file, system }: ManifestSource,
  read: { document: WrittenDocument; sections: PartialSections; problems: Problem[] },
): Judging {
  const { document, sections, problems } = read;
  const folder = pathsOf(system.platform).dirname(file);
  const complain = (path: Path, message: string, hint = ''): void => {
    problems.push(problemAt(document, path, { message, hint }));
  };
  const { values, troubles } = resolvePaths(sections.paths ?? {}, { system, folder });
  for (const [name, { message, hint }] of Object.entries(troubles)) {
    complain(['paths', name], message, hint);
  }
  const ground: Ground = { system, folder, known: sections.pathNames, values };
  const resolve = (path: Path, written: string): string | null => {
    const resolved = resolvePath(written, ground);
    if (resolved === null || typeof resolved === 'string') return resolved;
    complain(path, resolved.message, resolved.hint);
    return null;
  };
  return { document, ground, complain, resolve };
}

/** Resolves and checks what the sections gave; null where one of them is missing. */
function assemble(
  source: ManifestSource,
  sections: PartialSections,
  judging: Judging,
): Manifest | null {
  const state = sections.state === undefined ? null : judging.resolve(['state'], sections.state);
  const releases = releasesOf(source, sections, judging);
  const service = serviceOf(sections, judging);
  const assets = locateAssets({ sections, releases, service }, judging);
  const located = checkTerritories({ assets, state, releases }, judging);
  checkCommands(sections, judging);
  checkMigration(sections, judging);
  for (const { path, written } of sections.unreadRoots) {
    if (!written.startsWith('{release}')) judging.resolve(path, written);
  }
  const reversals = judging.resolve(['reversals'], sections.reversals ?? 'reversals');
  const { app, objectives, triggers, approvals, contacts, stakeholders, health } = sections;
  if (!app || !state || !releases || !service || !reversals || !health) return null;
  if (!objectives || !triggers || !approvals || !contacts || !stakeholders) return null;
  const { file, system } = source;
  const { folder, values: paths } = judging.ground;
  const fixed = { file, folder, platform: system.platform, app, state, paths, reversals };
  const people = { triggers, approvals, objectives, contacts, stakeholders };
  return {
    ...fixed,
    releases,
    service,
    migrate: sections.migrate ?? null,
    assets: located,
    health,
    gate: sections.gate ?? null,
    ...people,
    hooks: hooksOf(sections),
  };
}

function releasesOf(
  { system }: ManifestSource,
  { app, releases }: PartialSections,
  judging: Judging,
): Releases | null {
  if (releases === undefined) return null;
  const { layout, keep } = releases;
  if (releases.root === undefined) {
    return { root: defaultPlaces(app ?? 'app', 'system', system).releases, layout, keep };
  }
  const root = judging.resolve(['releases', 'root'], releases.root);
  return root === null ? null : { root, layout, keep };
}

function serviceOf({ service }: PartialSections, judging: Judging): Service | null {
  if (service === undefined) return null;
  const resolve = (key: string, written: string): string | null =>
    judging.resolve(['service', key], written);
  switch (service.manager) {
    case 'compose': {
      const file = resolve('file', service.file);
      return file === null ? null : { ...service, file };
    }
    case 'launchd': {
      if (service.plist === undefined) return service;
      const plist = resolve('plist', service.plist);
      return plist === null ? null : { ...service, plist };
    }
    case 'openrc': {
      const { pidFile, log, ...rest } = service;
      const [settings, pid, said] = [
        resolve('settings', service.settings),
        pidFile === undefined ? undefined : resolve('pidFile', pidFile),
        log === undefined ? undefined : resolve('log', log),
      ];
      if (settings === null || pid === null || said === null) return null;
      const named = pid === undefined ? {} : { pidFile: pid };
      return { ...rest, settings, ...named, ...(said === undefined ? {} : { log: said }) };
    }
    case 'process': {
      const cwd = resolve('cwd', service.cwd);
      return cwd === null ? null : { ...service, cwd };
    }
    case 'systemd':
    case 'windows':
    case 'none':
      return service;
  }
}

function hooksOf({ hooks }: PartialSections): Partial<Record<HookPoint, readonly Hook[]>> {
  const written = Object.entries(hooks ?? {}).filter(([, entry]) => entry !== undefined);
  return Object.fromEntries(
    written.map(([point, entry]) => [point, Array.isArray(entry) ? entry : [entry]]),
  );
}
