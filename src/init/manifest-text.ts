import type { Draft, DraftAsset, ServiceGuess } from './draft.ts';

/** The manifest of a draft: YAML with a comment, for every guess, that says why. */
export function manifestText(draft: Draft): string {
  const { app, state, paths, releases, service, migrate, health, assets, contact, leftOut } = draft;
  const lines = [
    '# What Backstep must know of this application, guessed by `backstep init` from what it saw: read every line.',
    '# Keys: docs/formats/manifest.md',
    ...said('app', scalar(app.value), app.why),
    ...said(
      'state',
      scalar(state.value),
      `${state.why}; Backstep's own folder, outside of everything below`,
    ),
    '',
    'paths:',
    ...paths.map(({ name, folder, why }) => `  ${name}: ${scalar(folder)} # ${oneLine(why)}`),
    '',
    `# ${oneLine(releases.why)}`,
    'releases:',
    `  root: ${scalar(releases.value.root)}`,
    `  layout: ${releases.value.layout}`,
    '',
    `# ${oneLine(service.why)}`,
    'service:',
    ...serviceLines(service.value),
    '',
    ...(migrate === null
      ? [
          '# Brings a copy of the data to a new release; it must open no port and send nothing. Without it nothing is migrated.',
          "# migrate: { run: '{release}/migrate --data {data}' }",
        ]
      : [`# ${oneLine(migrate.why)}`, 'migrate:', `  run: ${list(migrate.value)}`]),
    '',
    ...(health === null
      ? ['# What answers once the application is ready.', '# health: { ready: { http: /healthz } }']
      : [
          `# ${oneLine(health.why)}`,
          'health:',
          `  ready: { http: ${scalar(health.value)}, within: 30s }`,
        ]),
    '',
    'assets:',
    ...assets.flatMap(assetLines),
    '',
    'reversals: reversals # how an older release reads what a newer one wrote: docs/formats/reversal.md',
    '',
    ...(contact === null
      ? ['# Who answers for it.', '# contacts: { owner: { email: you@your.domain } }']
      : [`contacts: { owner: { email: ${scalar(contact)} } }`]),
    ...(leftOut.length === 0 ? [] : ['', '# Left out:']),
    ...leftOut.map(({ what, why }) => `#   ${oneLine(what)}: ${oneLine(why)}`),
  ];
  return `${lines.join('\n')}\n`;
}

function said(key: string, value: string, why: string): string[] {
  return [`${key}: ${value} # ${oneLine(why)}`];
}

function serviceLines(service: ServiceGuess): string[] {
  if (service.manager === 'none') return ['  manager: none'];
  const port = service.port === null ? [] : [`  port: ${service.port}`];
  if (service.manager === 'systemd') {
    return [
      '  manager: systemd',
      `  unit: ${scalar(service.unit)}`,
      `  scope: ${service.scope}`,
      ...port,
    ];
  }
  const cwd = service.cwd === null ? [] : [`  cwd: ${scalar(service.cwd)}`];
  return ['  manager: process', `  run: ${list(service.run)}`, ...cwd, ...port];
}

function assetLines({ name, kind, why, place, files, exclude, secret }: DraftAsset): string[] {
  const key = kind === 'sqlite' ? 'path' : 'root';
  return [
    `  ${name}: # ${oneLine(why)}`,
    `    kind: ${kind}`,
    ...(place === null ? [] : [`    ${key}: ${scalar(place)}`]),
    ...(files.length === 0 ? [] : [`    files: ${list(files)}`]),
    ...(exclude.length === 0 ? [] : [`    exclude: ${list(exclude)}`]),
    ...(secret.length === 0 ? [] : [`    secret: ${list(secret)}`]),
  ];
}

function list(values: readonly string[]): string {
  return `[${values.map(scalar).join(', ')}]`;
}

/** Plain where YAML reads it as the same text; else in quotes. Control characters need the double ones. */
export function scalar(text: string): string {
  if (
    /^[A-Za-z/][A-Za-z0-9._/-]*$/.test(text) &&
    !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text)
  )
    return text;
  if (/[\p{Cc}\u2028\u2029]/u.test(text)) return JSON.stringify(text);
  return `'${text.replaceAll("'", "''")}'`;
}

/** A comment ends with its line. */
function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
