import type { SecludedProcess } from './seclusion.ts';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** open: somebody accepts · refused: nobody listens · silent: no answer within the limit · unreachable: no way there. */
export type Reach = 'open' | 'refused' | 'silent' | 'unreachable';

export interface Network {
  /**
   * A TCP port on 127.0.0.1 that was free a moment ago. Nothing reserves it, but no system hands it out by itself
   * either, so that whoever listens there can be stopped and started again.
   */
  freePort(): Promise<number>;
  /** Connects and hangs up. Never throws for the far side's behaviour. */
  reach(endpoint: Endpoint, limitMs: number): Promise<Reach>;
  /** One HTTP(S) GET on a connection of its own; redirects are answers, not followed. */
  get(url: URL, limits: HttpLimits): Promise<HttpAnswer>;
  /** The same from within the network of a secluded process; `unreachable` while that is not in its own yet. */
  within(process: SecludedProcess): Pick<Network, 'get'>;
}

/** What came of one request; a far side that does not behave is an answer too, never an exception. */
export type HttpAnswer =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly body: string;
      /** `Set-Cookie` lines; left out where there are none. */
      readonly cookies?: readonly string[];
      /** From sending to the first byte of the body, or to its end where it is empty. */
      readonly firstByteMs?: number;
    }
  | { readonly kind: 'silent'; readonly why: string }
  | { readonly kind: 'unreachable'; readonly why: string };

export interface HttpLimits {
  /** From the first byte sent to the last one read, however slowly they come. */
  readonly limitMs: number;
  /** What of the body is kept. */
  readonly bodyBytes: number;
  readonly signal?: AbortSignal | undefined;
}
