/** How one file is served; the words of the query and of `PUT /control/file/NAME` are the keys of `words` below. */
export interface FileOptions {
  readonly sizeBytes: number;
  readonly version: number;
  readonly bytesPerSecond: number;
  readonly hasRanges: boolean;
  readonly hasLength: boolean;
  /** `none` leaves out both ETag and Last-Modified. */
  readonly etag: string | null;
  readonly contentType: string | null;
  /** The name that content-disposition gives. */
  readonly disposition: string | null;
  readonly trouble: Trouble;
}

/** What goes wrong, in the first `times` requests of the file (always, when not given). */
export interface Trouble {
  readonly status: number | null;
  /** The connection is cut after so many bytes of an answer. */
  readonly failAfterBytes: number;
  /** Nothing more is sent after so many bytes of an answer, and the connection stays open. */
  readonly stallAfterBytes: number;
  readonly times: number;
}

/** Words as they stand in a query: `size=1000&rate=500`. Unknown words are kept apart by the caller. */
export type Words = Readonly<Record<string, string>>;

export class OptionError extends Error {}

/** Throws OptionError where a number is none. */
export function fileOptions(words: Words): FileOptions {
  return {
    sizeBytes: numberOf(words, 'size', 1_000_000),
    version: numberOf(words, 'version', 1),
    bytesPerSecond: numberOf(words, 'rate', Infinity),
    hasRanges: words['ranges'] !== 'no',
    hasLength: words['no-length'] !== 'yes',
    etag: words['etag'] ?? null,
    contentType: words['type'] ?? null,
    disposition: words['disposition'] ?? null,
    trouble: {
      status: words['status'] === undefined ? null : numberOf(words, 'status', 503),
      failAfterBytes: numberOf(words, 'fail-after', Infinity),
      stallAfterBytes: numberOf(words, 'stall-after', Infinity),
      times: numberOf(words, 'times', Infinity),
    },
  };
}

/** The words of a JSON object; throws OptionError for anything else. */
export function wordsOf(value: unknown): Words {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new OptionError('expected a JSON object');
  }
  return Object.fromEntries(Object.entries(value).map(([word, given]) => [word, String(given)]));
}

function numberOf(words: Words, word: string, byDefault: number): number {
  const text = words[word];
  if (text === undefined) return byDefault;
  const number = Number(text);
  if (text === '' || !Number.isSafeInteger(number) || number < 0) {
    throw new OptionError(`${word} must be a whole number, not '${text}'`);
  }
  return number;
}
