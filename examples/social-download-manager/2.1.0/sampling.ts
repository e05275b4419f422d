import type { Measurement, PerformanceMetrics } from './database/performance.ts';
import type { Metrics } from './http/metrics.ts';
import { errorFields, type Log } from './log.ts';
import type { Performance } from './settings/schema.ts';

export interface SampledParts {
  readonly table: PerformanceMetrics;
  readonly metrics: Metrics;
  readonly log: Log;
  settings(): Performance;
  isOn(): boolean;
  /** Of all downloads that run. */
  bytesPerSecond(): number;
}

interface Totals {
  readonly atMs: number;
  readonly cpuMicroseconds: number;
  readonly answers: number;
  readonly answerSeconds: number;
}

/** Measures the server at the start and then every so many seconds, and keeps the figures in the database. */
export class Sampling {
  readonly #parts: SampledParts;
  #before: Totals;
  #timer: NodeJS.Timeout | null = null;

  constructor(parts: SampledParts) {
    this.#parts = parts;
    this.#before = this.#totals();
  }

  start(): void {
    this.#sample();
    const everyMs = this.#parts.settings().sampleSeconds * 1_000;
    this.#timer = setTimeout(() => this.start(), everyMs);
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  /** Only logs a failure: figures that are missing must not take the service away. */
  #sample(): void {
    if (!this.#parts.isOn()) return;
    try {
      this.#parts.table.add(this.#measurements(), this.#parts.settings().keepDays);
    } catch (error) {
      this.#parts.log.error('sample-failed', errorFields(error));
    }
  }

  #measurements(): readonly Measurement[] {
    const [before, now] = [this.#before, this.#totals()];
    this.#before = now;
    const seconds = Math.max((now.atMs - before.atMs) / 1_000, 0.001);
    const answers = now.answers - before.answers;
    const answerMs = ((now.answerSeconds - before.answerSeconds) / Math.max(answers, 1)) * 1_000;
    const cpuSeconds = (now.cpuMicroseconds - before.cpuMicroseconds) / 1_000_000;
    return [
      { name: 'memory', value: process.memoryUsage.rss(), unit: 'bytes' },
      { name: 'processor', value: (cpuSeconds / seconds) * 100, unit: 'percent' },
      { name: 'requests', value: answers / seconds, unit: 'per second' },
      { name: 'answer_time', value: answerMs, unit: 'milliseconds' },
      { name: 'download_speed', value: this.#parts.bytesPerSecond(), unit: 'bytes per second' },
    ];
  }

  #totals(): Totals {
    const cpu = process.cpuUsage();
    return {
      atMs: performance.now(),
      cpuMicroseconds: cpu.user + cpu.system,
      ...this.#parts.metrics.totals(),
    };
  }
}
