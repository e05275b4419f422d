import description from '../../package.json' with { type: 'json' };

export function version(): string {
  return description.version;
}
