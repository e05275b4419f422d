import type { RunEvent } from '../switch/report/events.ts';
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
      return `${bar(count / phases.length)} ${phase} · ${asset}: ${step} ... (${done + 1} of ${total})`;
    }
    case 'check':
    case 'warning':
      return null;
  }
}

/** How a plan tells what it is at. */
export function trialOptions({ output, signal }: Call): TrialOptions {
  return {
    signal,
    onProgress: ({ asset, step, done, total }) => {
      output.event({ type: 'progress', run: null, phase: 'plan', asset, step, done, total }, null);
      output.progress(
        `${bar(done / Math.max(1, total))} plan · ${asset}: ${step} ... (${done + 1} of ${total})`,
      );
    },
  };
}
