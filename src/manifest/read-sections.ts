import type { WrittenDocument } from '../form/document.ts';
import { explain, problemAt, unknownKey } from '../form/explain.ts';
import { nearest } from '../form/nearest.ts';
import type { Path, Problem } from '../form/problem.ts';
import { judge, type z } from '../form/schema.ts';
import { assetKinds, type WrittenAsset } from './kinds/kinds.ts';
import { name } from './names.ts';
import { sections as schemas, type Sections } from './schema.ts';
import { serviceKinds, type ServiceDefinition } from '../service/kinds.ts';
import { defaultPlaces, defaultServiceManager, type System } from './system.ts';

/** What of the manifest could be read; a section with errors is left out. */
export type PartialSections = {
  readonly [Key in Exclude<keyof Sections, 'assets' | 'service'>]?: Sections[Key] | undefined;
} & {
  readonly service?: ServiceDefinition | undefined;
  readonly assets: Readonly<Record<string, WrittenAsset>>;
  /** As written, those with errors among them, so that what names them is not refused as well. */
  readonly assetNames: readonly string[];
  readonly pathNames: readonly string[];
  /** Roots and paths of assets that have other errors. */
  readonly unreadRoots: readonly { readonly path: Path; readonly written: string }[];
};

type Mapping = Readonly<Record<string, unknown>>;

/** Reads section by section and asset by asset, so that one error does not hide those elsewhere. */
export function readSections(document: WrittenDocument, system: System): SectionReader {
  return new SectionReader(document, system);
}

/** One pass over one document; `problems` grows as its sections are read. */
export class SectionReader {
  readonly problems: Problem[] = [];
  readonly sections: PartialSections;
  readonly #document: WrittenDocument;
  readonly #system: System;
  readonly #written: Mapping;
  readonly #unreadRoots: { path: Path; written: string }[] = [];

  constructor(document: WrittenDocument, system: System) {
    this.#document = document;
    this.#system = system;
    const root = asMapping(document.value);
    this.#written = root ?? {};
    if (root === null) this.#complain([], 'expected a mapping (`app: …`, `assets: …`)');
    else this.#checkKeys();
    this.sections = this.#readAll();
  }

  #readAll(): PartialSections {
    return {
      app: this.#required('app', schemas.app),
      state: this.#required('state', schemas.state),
      paths: this.#read(['paths'], schemas.paths),
      releases: this.#read(['releases'], schemas.releases),
      service: this.#readService(),
      migrate: this.#read(['migrate'], schemas.migrate),
      reversals: this.#read(['reversals'], schemas.reversals),
      health: this.#read(['health'], schemas.health),
      gate: this.#read(['gate'], schemas.gate),
      triggers: this.#read(['triggers'], schemas.triggers),
      approvals: this.#read(['approvals'], schemas.approvals),
      objectives: this.#read(['objectives'], schemas.objectives),
      contacts: this.#read(['contacts'], schemas.contacts),
      stakeholders: this.#read(['stakeholders'], schemas.stakeholders),
      hooks: this.#read(['hooks'], schemas.hooks),
      assets: this.#readAssets(),
      assetNames: Object.keys(asMapping(this.#written['assets']) ?? {}),
      pathNames: Object.keys(asMapping(this.#written['paths']) ?? {}),
      unreadRoots: this.#unreadRoots,
    };
  }

  #checkKeys(): void {
    const known = Object.keys(schemas);
    for (const key of Object.keys(this.#written)) {
      if (!known.includes(key)) this.problems.push(unknownKey(this.#document, [key], known));
    }
    const app = typeof this.#written['app'] === 'string' ? this.#written['app'] : 'my-app';
    if (this.#written['app'] === undefined) this.#complain(['app'], 'missing', 'add `app: my-app`');
    if (this.#written['state'] === undefined) {
      const system = defaultPlaces(app, 'system', this.#system).state;
      const user = defaultPlaces(app, 'user', this.#system).state;
      const hint = `add \`state: ${system}\` for a system application, \`state: ${user}\` for your own`;
      this.#complain(['state'], 'missing', hint);
    }
  }

  #read<Schema extends z.ZodType>(path: Path, schema: Schema): z.output<Schema> | undefined {
    const result = judge(schema, valueIn(this.#written, path));
    if (result.success) return result.data;
    this.problems.push(...explain(this.#document, result.error.issues, path));
    return undefined;
  }

  #required<Schema extends z.ZodType>(key: string, schema: Schema): z.output<Schema> | undefined {
    return this.#written[key] === undefined ? undefined : this.#read([key], schema);
  }

  #readService(): ServiceDefinition | undefined {
    const written = asMapping(this.#written['service']);
    if (written === null) return this.#read(['service'], schemas.service);
    const hint = `here usually \`manager: ${defaultServiceManager[this.#system.platform]}\``;
    const manager = this.#choice(['service', 'manager'], { table: serviceKinds, hint });
    return manager === null ? undefined : this.#read(['service'], serviceKinds[manager].schema);
  }

  #readAssets(): Record<string, WrittenAsset> {
    const written = asMapping(this.#written['assets']);
    if (written === null || Object.keys(written).length === 0) {
      const hint =
        'name what the application keeps: `assets: { history: { kind: sqlite, path: … } }`';
      this.#complain(['assets'], 'expected at least one asset', hint);
      return {};
    }
    const assets: Record<string, WrittenAsset> = {};
    for (const key of Object.keys(written)) {
      this.#checkName(key);
      const asset = this.#readAsset(key);
      if (asset === undefined) this.#noteRoots(key);
      else assets[key] = asset;
    }
    return assets;
  }

  #noteRoots(key: string): void {
    for (const part of ['root', 'path']) {
      const path = ['assets', key, part];
      const written = valueIn(this.#written, path);
      if (typeof written === 'string') this.#unreadRoots.push({ path, written });
    }
  }

  #readAsset(key: string): WrittenAsset | undefined {
    const path = ['assets', key];
    if (asMapping(valueIn(this.#written, path)) === null) {
      this.#complain(path, 'expected a mapping (`{ kind: json, … }`)');
      return undefined;
    }
    const kind = this.#choice([...path, 'kind'], { table: assetKinds, hint: '' });
    return kind === null ? undefined : this.#read(path, assetKinds[kind]);
  }

  #checkName(key: string): void {
    const refused = judge(name, key).error?.issues[0]?.message;
    if (refused !== undefined) this.#complain(['assets', key], `expected ${refused}`);
  }

  /** The key of a registry that stands at `path`, or null after the complaint. */
  #choice<Table extends object>(
    path: Path,
    { table, hint }: { table: Table; hint: string },
  ): Extract<keyof Table, string> | null {
    const written = valueIn(this.#written, path);
    if (isKeyOf(written, table)) return written;
    const names = Object.keys(table);
    const near = typeof written === 'string' ? nearest(written, names) : null;
    this.#checkMisspelled(path, written);
    const found = written === undefined ? 'missing: ' : '';
    const message = `${found}expected one of ${names.map((each) => `\`${each}\``).join(', ')}`;
    this.#complain(path, message, near === null ? hint : `did you mean \`${near}\`?`);
    return null;
  }

  /** `manger: process` is a `manager` under a wrong name, not a missing one alone. */
  #checkMisspelled(path: Path, written: unknown): void {
    const key = String(path.at(-1));
    const around = path.slice(0, -1);
    const keys = Object.keys(asMapping(valueIn(this.#written, around)) ?? {});
    const near = written === undefined ? keys.find((each) => nearest(each, [key]) === key) : null;
    if (near) this.problems.push(unknownKey(this.#document, [...around, near], [key]));
  }

  #complain(path: Path, message: string, hint = ''): void {
    this.problems.push(problemAt(this.#document, path, { message, hint }));
  }
}

function asMapping(value: unknown): Mapping | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : null;
}

function valueIn(written: Mapping, path: Path): unknown {
  return path.reduce<unknown>((value, step) => asMapping(value)?.[step], written);
}

function isKeyOf<Table extends object>(
  key: unknown,
  table: Table,
): key is Extract<keyof Table, string> {
  return typeof key === 'string' && Object.hasOwn(table, key);
}
