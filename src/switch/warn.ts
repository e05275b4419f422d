import type { Run } from './run.ts';

/** Tells a warning, and keeps it for the report. */
export function warn({ findings, tell, plan }: Run, message: string): void {
  findings.warnings = [...findings.warnings, message];
  tell({ type: 'warning', run: plan.run, message });
}
