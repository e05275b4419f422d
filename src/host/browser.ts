/** A real browser, without a window, that is asked how a page behaves. */
export interface Browser {
  /** The program. */
  readonly program: string;
  /**
   * Opens a page and sends it events that change nothing. Resolves with what was measured, or with why it could
   * not be; nothing of the browser is left when it does.
   */
  measure(url: URL, limits: BrowserLimits): Promise<PageMeasure>;
}

export interface BrowserLimits {
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

export type PageMeasure =
  | {
      readonly kind: 'measured';
      /** Until the page's `load` event. */
      readonly loadMs: number;
      /** From each event to the next paint. */
      readonly eventToPaintMs: readonly number[];
      /** Errors that the page reported: exceptions that nobody caught, failed resources. */
      readonly errors: readonly string[];
    }
  | { readonly kind: 'failed'; readonly why: string };
