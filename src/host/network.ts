export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** open: somebody accepts · refused: nobody listens · silent: no answer within the limit · unreachable: no way there. */
export type Reach = 'open' | 'refused' | 'silent' | 'unreachable';

export interface Network {
  /** A TCP port on 127.0.0.1 that was free a moment ago. Nothing reserves it. */
  freePort(): Promise<number>;
  /** Connects and hangs up. Never throws for the far side's behaviour. */
  reach(endpoint: Endpoint, limitMs: number): Promise<Reach>;
}
