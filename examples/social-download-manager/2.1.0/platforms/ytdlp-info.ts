/** What yt-dlp's `--dump-json` tells of one video; `format` is the file that it chose, null when none fits. */
export interface YtdlpInfo {
  readonly title: string;
  readonly uploader: string | null;
  readonly durationSeconds: number | null;
  readonly extension: string;
  readonly format: YtdlpFormat | null;
  /** Of all files on offer, tallest first. */
  readonly heights: readonly number[];
}

export interface YtdlpFormat {
  readonly id: string;
  readonly link: string;
  /** What has to be sent to get it. */
  readonly headers: Readonly<Record<string, string>>;
  /** As the site tells it, exact or estimated. */
  readonly sizeBytes: number | null;
}

/** Reads one line of `--dump-json`; null when it holds no video. Throws SyntaxError for what is no JSON. */
export function ytdlpInfo(line: string): YtdlpInfo | null {
  const info = recordOf(JSON.parse(line));
  const title = textOf(info?.['title']);
  if (info === null || title === null) return null;
  return {
    title: info['extractor'] === 'html5' ? title.replace(/ \(1\)$/, '') : title,
    uploader: textOf(info['uploader']) ?? textOf(info['channel']),
    durationSeconds: numberOf(info['duration']),
    extension: textOf(info['ext']) ?? 'mp4',
    format: formatOf(info),
    heights: heightsOf(info['formats']),
  };
}

function formatOf(info: Readonly<Record<string, unknown>>): YtdlpFormat | null {
  const id = textOf(info['format_id']);
  const link = textOf(info['url']);
  if (id === null || link === null) return null;
  const headers = Object.entries(recordOf(info['http_headers']) ?? {});
  const size = numberOf(info['filesize']) ?? numberOf(info['filesize_approx']);
  return {
    id,
    link,
    headers: Object.fromEntries(headers.map(([name, value]) => [name, String(value)])),
    sizeBytes: size === null ? null : Math.round(size),
  };
}

function heightsOf(formats: unknown): readonly number[] {
  if (!Array.isArray(formats)) return [];
  const heights = formats.map((format) => numberOf(recordOf(format)?.['height']));
  return [...new Set(heights.filter((height) => height !== null))].sort((a, b) => b - a);
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> | null {
  return isRecord(value) ? value : null;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
