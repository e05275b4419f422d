import type { Progress, RunEvent } from '../switch/report/events.ts';
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
    if (text !== null) output.progress(text, plainOf(event));
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
      const passed = phases.indexOf(event.phase) + (isOver ? 1 : 0);
      const isLast = passed === phases.length;
      return isLast ? null : `${bar(passed / phases.length)} ${isOver ? '' : `${event.phase} ...`}`;
    }
    case 'progress': {
      const { phase, asset, step, done, total } = event;
      const passed = phases.indexOf(phase) + done / Math.max(1, total);
      return `${bar(passed / phases.length)} ${phase} · ${asset}: ${step} ... (${done + 1} of ${total})${shareText(event)}`;
    }
    case 'check':
    case 'warning':
      return null;
  }
}

/** What is said of it where there is no terminal. */
function plainOf(event: RunEvent): string | undefined {
  if (event.type === 'phase') return event.state === 'begun' ? `${event.phase} ...` : undefined;
  return event.type === 'progress' ? plainText(event.phase, event) : undefined;
}

/** `stage · history: delta, 3,200,000 of 10,000,000 rows, about 12.0 s left`. */
export function plainText(phase: string, { asset, step, rows, bytes }: Progress): string {
  const counts = [
    ...(rows === undefined ? [] : [`${count(rows.done)} of ${count(rows.total)} rows`]),
    ...(bytes === undefined ? [] : [`${megabytes(bytes.done)} of ${megabytes(bytes.total)} MB`]),
  ];
  const leftMs = (rows ?? bytes)?.leftMs ?? null;
  const left = leftMs === null ? [] : [`about ${duration(leftMs)} left`];
  return [`${phase} · ${asset}: ${step}`, ...counts, ...left].join(', ');
}

/** ` · 62 % of 2,000,000 rows, 12 s left`, and the same of MB. */
function shareText({ rows, bytes }: Pick<Progress, 'rows' | 'bytes'>): string {
  const counted = rows ?? bytes;
  if (counted === undefined || counted.total === 0) return '';
  const share = Math.floor((100 * counted.done) / counted.total);
  const left = counted.leftMs === null ? '' : `, ${duration(counted.leftMs)} left`;
  const all = rows === undefined ? `${megabytes(counted.total)} MB` : `${count(rows.total)} rows`;
  return ` · ${share} % of ${all}${left}`;
}

function count(number: number): string {
  return number.toLocaleString('en');
}

function megabytes(bytes: number): string {
  return count(Math.round(bytes / 1e6));
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
        `${bar(done / Math.max(1, total))} plan · ${asset}: ${step} ... (${done + 1} of ${total})${shareText(progress)}`,
        plainText('plan', progress),
      );
    },
  };
}
