import { strict, z } from '../form/schema.ts';
import { serviceSchema } from '../service/kinds.ts';
import { assetKinds } from './kinds/kinds.ts';
import { pathText } from '../form/path-text.ts';
import { name } from './names.ts';
import { app, gate, health, hooks, migrate, objectives, releases } from './operation.ts';
import { approvals, contacts, stakeholders } from './people.ts';
import { triggers } from './triggers.ts';

const asset = z.discriminatedUnion('kind', [
  assetKinds.json,
  assetKinds.files,
  assetKinds.sqlite,
  assetKinds.release,
  assetKinds.service,
  assetKinds.command,
]);

/** The keys of backstep.yaml. The loader reads section by section, so that one does not hide another's errors. */
export const sections = {
  app,
  state: pathText.meta({ description: "Backstep's own folder: outside of every asset, 0700" }),
  paths: z.record(name, pathText).default({}).meta({
    description: 'folders of the application; `{name}` stands for each in what follows',
  }),
  releases: releases.prefault({}),
  service: serviceSchema.prefault({ manager: 'none' }),
  migrate: migrate.optional(),
  assets: z.record(name, asset),
  reversals: pathText.prefault('reversals'),
  health: health.prefault({}),
  gate: gate.optional(),
  triggers: triggers.prefault({}),
  approvals: approvals.prefault({}),
  objectives: objectives.prefault({}),
  contacts: contacts.prefault({}),
  stakeholders: stakeholders.prefault({}),
  hooks: hooks.prefault({}),
};

/** The whole of backstep.yaml, as `schema/manifest.schema.json` describes it to editors. */
export const manifestSchema = strict(sections).meta({ title: 'backstep.yaml' });

export type Sections = { [Key in keyof typeof sections]: z.output<(typeof sections)[Key]> };
