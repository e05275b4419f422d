import type { RowsDone, RunEvent } from '../switch/report/events.ts';
import type { TrialOptions } from '../switch/trial/trial.ts';
import { phases } from '../switch/phases.ts';
import type { Call } from './context.ts';
import { duration, type Output } from './output.ts';
import { bar } from './terminal/live-line.ts';

/** Tells a run's events as they come: a bar on a terminal, lines elsewhere, one JSON a line under `--json`. */
export function tellEvent(output: Output): (event: RunEvent) => void {
  return (event) => {
    output.event({ ...event }, lineOf(event));
    const text = progressOf(event);
    if (text !== null) output.progress(text);
  };
}

/** What stays on the screen; null where an event is only progress. */
function lineOf(event: RunEvent): string | null {
  switch (event.type) {
    case 'phase':
      if (event.state === 'begun') return null;
      return `${event.state === 'done' ? '✓' : '✗'} ${event.phase}  ${duration(event.ms ?? 0)}`;
    case 'check':
      return event.status === 'success'
        ? null
        : `${event.status}: ${event.name}: ${event.measured}`;
    case 'warning':
      return `warning: ${event.message}`;
    case 'progress':
      return null;
  }
}

function progressOf(event: RunEvent): string | null {
  switch (event.type) {
    case 'phase': {
      const isOver = event.state !== 'begun';
      const count = phases.indexOf(event.phase) + (isOver ? 1 : 0);
      const isLast = count === phases.length;
      return isLast ? null : `${bar(count / phases.length)} ${isOver ? '' : `${event.phase} ...`}`;
    }
    case 'progress': {
      const { phase, asset, step, done, total } = event;
      const count = phases.indexOf(phase) + done / Math.max(1, total);
      return `${bar(count / phases.length)} ${phase} · ${asset}: ${step} ... (${done + 1} of ${total})${rowsText(event)}`;
    }
    case 'check':
    case 'warning':
      return null;
  }
}

/** ` · 62 % of 2,000,000 rows, 12 s left`. */
function rowsText({ rows }: { readonly rows?: RowsDone }): string {
  if (rows === undefined || rows.total === 0) return '';
  const share = Math.floor((100 * rows.done) / rows.total);
  const left = rows.leftMs === null ? '' : `, ${duration(rows.leftMs)} left`;
  return ` · ${share} % of ${rows.total.toLocaleString('en')} rows${left}`;
}

/** How a plan tells what it is at. */
export function trialOptions({ output, signal }: Call): TrialOptions {
  return {
    signal,
    warn: (message) => output.event({ type: 'warning', run: null, message }, `warning: ${message}`),
    onProgress: (progress) => {
      const { asset, step, done, total } = progress;
      output.event({ type: 'progress', run: null, phase: 'plan', ...progress }, null);
      output.progress(
        `${bar(done / Math.max(1, total))} plan · ${asset}: ${step} ... (${done + 1} of ${total})${rowsText(progress)}`,
      );
    },
  };
}
