import type { Database } from './open.ts';
import { numberOf, textOf } from './row.ts';

/** One figure at one time. */
export interface Sample {
  readonly measuredAt: string;
  readonly value: number;
}

/** The latest samples of one figure, oldest first. */
export interface Metric {
  readonly name: string;
  readonly unit: string;
  readonly samples: readonly Sample[];
}

export type Measurement = Readonly<Record<'name' | 'unit', string>> & { readonly value: number };

/** The table `v2_performance_metrics`. */
export class PerformanceMetrics {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Adds what was measured at one time, and removes what is older than so many days. */
  add(measurements: readonly Measurement[], keepDays: number): void {
    const now = Date.now();
    const measuredAt = new Date(now).toISOString();
    const before = new Date(now - keepDays * 86_400_000).toISOString();
    this.#database.transaction(() => {
      for (const measurement of measurements)
        this.#database.run(
          `INSERT INTO v2_performance_metrics (measured_at, name, value, unit)
           VALUES (:measuredAt, :name, :value, :unit)`,
          { ...measurement, measuredAt },
        );
      this.#database.run('DELETE FROM v2_performance_metrics WHERE measured_at < :before', {
        before,
      });
    });
  }

  /** Every figure with its latest samples. */
  latest(count: number): readonly Metric[] {
    const names = this.#database.all(
      'SELECT name, unit, max(id) AS id FROM v2_performance_metrics GROUP BY name ORDER BY name',
    );
    return names.map((row) => ({
      name: textOf(row, 'name'),
      unit: textOf(row, 'unit'),
      samples: this.#samples(textOf(row, 'name'), count),
    }));
  }

  #samples(name: string, count: number): readonly Sample[] {
    return this.#database
      .all(
        `SELECT measured_at, value FROM v2_performance_metrics
         WHERE name = :name ORDER BY measured_at DESC, id DESC LIMIT :count`,
        { name, count },
      )
      .map((row) => ({ measuredAt: textOf(row, 'measured_at'), value: numberOf(row, 'value') }))
      .toReversed();
  }
}
