/** What `init` proposes, before it is written down. Folders are absolute; `why` is for the person who checks it. */
export interface Draft {
  readonly app: Guess<string>;
  readonly state: Guess<string>;
  readonly paths: readonly NamedFolder[];
  readonly releases: Guess<ReleaseGuess>;
  readonly service: Guess<ServiceGuess>;
  /** Null where nothing says how data is migrated. */
  readonly migrate: Guess<readonly string[]> | null;
  /** A path that answers with success; null where none was found. */
  readonly health: Guess<string> | null;
  readonly assets: readonly DraftAsset[];
  /** An address of whoever answers for the application; null where none was said. */
  readonly contact: string | null;
  /** What was seen and is in no asset. */
  readonly leftOut: readonly { readonly what: string; readonly why: string }[];
}

export interface Guess<Value> {
  readonly value: Value;
  readonly why: string;
}

export interface NamedFolder {
  readonly name: string;
  readonly folder: string;
  readonly why: string;
}

export interface ReleaseGuess {
  readonly root: string;
  readonly layout: 'symlink' | 'in-place';
}

export type ServiceGuess =
  | {
      readonly manager: 'systemd';
      readonly unit: string;
      readonly scope: 'system' | 'user';
      readonly port: number | null;
    }
  | {
      readonly manager: 'process';
      readonly run: readonly string[];
      readonly cwd: string | null;
      readonly port: number | null;
    }
  | { readonly manager: 'none' };

export interface DraftAsset {
  readonly name: string;
  readonly kind: 'json' | 'sqlite' | 'files' | 'service';
  readonly why: string;
  /** Where it begins, as the manifest writes it: `{data}/user_data`, `{data}/sdm.db`; null for `service`. */
  readonly place: string | null;
  readonly files: readonly string[];
  readonly exclude: readonly string[];
  readonly secret: readonly string[];
}

/** A name that a manifest takes, made of any text: small letters, digits and hyphens, and none of `taken`. */
export function nameOf(text: string, taken: readonly string[] = []): string {
  const bare = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[^a-z]+|-+$/g, '');
  const name = bare.slice(0, 40) || 'data';
  for (let count = 1; ; count += 1) {
    const numbered = count === 1 ? name : `${name}-${count}`;
    if (!taken.includes(numbered)) return numbered;
  }
}

/** Braces of a path as a manifest writes them, where they would be read as a placeholder. */
export function literal(text: string): string {
  return text.replaceAll(/[{}]/g, '$&$&');
}
