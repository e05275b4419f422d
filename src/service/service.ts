import type { z } from '../form/schema.ts';
import type { Host } from '../host/host.ts';

/** What every way of running an application can do. One file and one line in `kinds.ts` each. */
export interface ServiceKind<Definition extends { readonly manager: string }> {
  /** Its part of the manifest (`service:`), with its `manager` as a literal. */
  readonly schema: ServiceSchema<Definition>;
  /** The files that it is described in, absolute, in the form of the system that it belongs to. */
  files(definition: Definition, places: ServicePlaces): readonly string[];
  /** The command lines that it would run, as data: `plan` shows them. */
  commands(definition: Definition): readonly ServiceCommand[];
  open(definition: Definition, surroundings: ServiceSurroundings): Service;
}

/** A schema that `manager` tells apart from the others. */
export type ServiceSchema<Definition> = z.ZodType<Definition> & z.core.$ZodTypeDiscriminable;

/** What the files of a service are found by. */
export interface ServicePlaces {
  /** The owner's home folder. */
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface ServiceCommand {
  readonly act: string;
  readonly argv: readonly [string, ...string[]];
}

export interface ServiceSurroundings {
  readonly host: Host;
  /** Absolute; private to this service within the state folder; made (0700) when it is first needed. */
  readonly folder: string;
  /** Folders of the releases, absolute: a program that runs from one of them is the application. */
  readonly releaseFolders: readonly string[];
  /** What of the caller's environment the service may see (PATH, HOME, LANG, XDG_RUNTIME_DIR, …). */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * One application's service. Every method may run twice, and after a crash of the one before.
 * Commands that fail throw BackstepError `service/…`; an aborted signal throws `interrupted`.
 */
export interface Service {
  /** False where only a person starts the application (`none`): then `start` does nothing. */
  readonly canStart: boolean;
  status(): Promise<ServiceStatus>;
  /** From now on nothing starts the service, whoever asks; what runs goes on running. */
  mask(reason: string): Promise<void>;
  unmask(): Promise<void>;
  /**
   * Stops the service and every process of it; does nothing if none runs. Resolves once all are gone.
   * Throws `service/still-running` with pids and command lines when some cannot be ended.
   */
  stop(signal?: AbortSignal): Promise<void>;
  /** Starts it, or leaves alone what runs already. Resolves once the process exists, not once it is ready. */
  start(signal?: AbortSignal): Promise<void>;
  /** The processes of the service that live now. */
  processes(): Promise<readonly RunningProcess[]>;
  /** How it ended, if it has ended since its last start without being asked to; null while it runs. */
  death(): Promise<Death | null>;
  /** The last lines that it wrote since its last start, oldest first. */
  lastLines(count: number): Promise<readonly string[]>;
}

export interface ServiceStatus {
  readonly state: 'running' | 'waiting' | 'stopped' | 'down';
  readonly isMasked: boolean;
  readonly mainPid: number | null;
  /** How often it was started again after a crash, since its last start. */
  readonly restartCount: number;
  /** One line for a person: why it is down, what it waits for. */
  readonly detail: string;
}

export interface RunningProcess {
  readonly pid: number;
  /** Program and arguments; the kernel's name of the program in brackets where they cannot be read. */
  readonly command: string;
}

export interface Death {
  /** null where a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** One line for a person. */
  readonly detail: string;
  /** What it wrote last, oldest first. */
  readonly lastLines: readonly string[];
}
