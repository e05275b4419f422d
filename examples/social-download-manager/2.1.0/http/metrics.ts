import type { History } from '../database/history.ts';
import { releaseVersion } from '../settings/schema.ts';
import type { Reply } from './reply.ts';
import type { Route } from './router.ts';

type Labels = Readonly<Record<string, string>>;

const boundsSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

interface Series {
  readonly labels: Labels;
  count: number;
  sumSeconds: number;
  /** How many took at most as long as the bound at the same position. */
  readonly within: number[];
}

/** Counts since the start, written as Prometheus reads them. */
export class Metrics {
  readonly #startedAtSeconds = Date.now() / 1_000;
  readonly #requests = new Map<string, Series>();
  readonly #finished = new Map<string, Series>();
  #receivedBytes = 0;

  requestEnded(labels: Labels, seconds: number): void {
    const series = seriesOf(this.#requests, labels);
    series.count += 1;
    series.sumSeconds += seconds;
    for (const [index, bound] of boundsSeconds.entries())
      if (seconds <= bound) series.within[index] = (series.within[index] ?? 0) + 1;
  }

  downloadEnded(labels: Labels, bytes: number): void {
    seriesOf(this.#finished, labels).count += 1;
    this.#receivedBytes += bytes;
  }

  /** Of all requests and downloads since the start. */
  totals(): {
    readonly answers: number;
    readonly answerSeconds: number;
  } {
    const all = [...this.#requests.values()];
    return {
      answers: all.reduce((sum, { count }) => sum + count, 0),
      answerSeconds: all.reduce((sum, { sumSeconds }) => sum + sumSeconds, 0),
    };
  }

  text(history: History): string {
    const cpu = process.cpuUsage();
    return [
      ...this.#requestLines(),
      ...family(
        'sdm_downloads',
        'gauge',
        [...history.countByStatus()].map(([status, total]) =>
          sample('sdm_downloads', { status }, total),
        ),
      ),
      ...family(
        'sdm_downloads_finished_total',
        'counter',
        [...this.#finished.values()].map(({ labels, count }) =>
          sample('sdm_downloads_finished_total', labels, count),
        ),
      ),
      ...single('sdm_download_bytes_total', 'counter', this.#receivedBytes),
      ...family('sdm_build_info', 'gauge', [
        sample('sdm_build_info', { version: releaseVersion }, 1),
      ]),
      ...single('process_resident_memory_bytes', 'gauge', process.memoryUsage.rss()),
      ...single('process_cpu_seconds_total', 'counter', (cpu.user + cpu.system) / 1_000_000),
      ...single('process_start_time_seconds', 'gauge', this.#startedAtSeconds),
      '',
    ].join('\n');
  }

  #requestLines(): readonly string[] {
    const all = [...this.#requests.values()];
    return [
      ...family(
        'sdm_http_requests_total',
        'counter',
        all.map(({ labels, count }) => sample('sdm_http_requests_total', labels, count)),
      ),
      ...family('sdm_http_request_seconds', 'histogram', all.flatMap(histogramLines)),
    ];
  }
}

/** What a Prometheus server collects; open to everybody who reaches the port. */
export function metricsRoutes(app: {
  readonly metrics: Metrics;
  readonly history: History;
}): readonly Route[] {
  const handle = (): Reply => ({
    status: 200,
    headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
    body: app.metrics.text(app.history),
  });
  return [{ method: 'GET', path: '/metrics', access: 'anyone', handle }];
}

function seriesOf(all: Map<string, Series>, labels: Labels): Series {
  const key = JSON.stringify(labels);
  const series = all.get(key) ?? {
    labels,
    count: 0,
    sumSeconds: 0,
    within: boundsSeconds.map(() => 0),
  };
  all.set(key, series);
  return series;
}

function histogramLines({ labels, count, sumSeconds, within }: Series): readonly string[] {
  const name = 'sdm_http_request_seconds';
  return [
    ...boundsSeconds.map((bound, index) =>
      sample(`${name}_bucket`, { ...labels, le: String(bound) }, within[index] ?? 0),
    ),
    sample(`${name}_bucket`, { ...labels, le: '+Inf' }, count),
    sample(`${name}_sum`, labels, sumSeconds),
    sample(`${name}_count`, labels, count),
  ];
}

function family(name: string, type: string, lines: readonly string[]): readonly string[] {
  return [`# TYPE ${name} ${type}`, ...lines];
}

function single(name: string, type: string, value: number): readonly string[] {
  return family(name, type, [sample(name, {}, value)]);
}

function sample(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return pairs.length === 0 ? `${name} ${value}` : `${name}{${pairs.join(',')}} ${value}`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
