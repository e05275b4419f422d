import { escaped, page, section, table } from '../../page/page.ts';
import type { Entry } from './events.ts';
import { itemsOf, type Item, type Procedure } from './procedure.ts';
import { nextItem, stateOf, type ItemState, type Progress } from './progress.ts';

/** The record of a procedure, for a terminal and for paper. */
export function recordLines(procedure: Procedure, progress: Progress): readonly string[] {
  const items = itemsOf(procedure);
  const next = nextItem(procedure, progress);
  return [
    `rollback by hand from ${progress.release}: ${progress.reason}`,
    `begun ${progress.begunAt} by ${progress.begunBy}; led by ${progress.holder}`,
    `${doneCount(items, progress)} of ${items.length} done`,
    ...procedure.phases.flatMap(({ title, minutes: [least, most], steps }, index) => [
      '',
      `Phase ${index + 1}: ${title} (${least} to ${most} min)`,
      ...steps.flatMap(({ number, title: name, items: own }) => [
        `  ${number}. ${name}`,
        ...own.flatMap((item) => itemLines(item, stateOf(progress, item), item === next)),
      ]),
    ]),
    '',
    closing(progress, next),
  ];
}

function itemLines(item: Item, state: ItemState, isNext: boolean): readonly string[] {
  const mark = { open: ' ', done: 'x', failed: '!' }[state.kind];
  const pointer = isNext ? '>' : ' ';
  const line = `  ${pointer} [${mark}] ${item.id.padEnd(9)} ${item.text}`;
  if (state.kind === 'open') return [line];
  return [line, `${' '.repeat(18)}${whoAndWhen(state)}: ${state.evidence}`];
}

function whoAndWhen(state: Exclude<ItemState, { kind: 'open' }>): string {
  const how = state.kind === 'done' && state.how === 'machine' ? ' by machine, for' : ' by';
  return `${state.kind}${how} ${state.by}, ${state.at}`;
}

function closing(progress: Progress, next: Item | null): string {
  const { closed } = progress;
  if (closed !== null) return `closed ${closed.at} by ${closed.by}: ${closed.note}`;
  if (next === null) return 'everything is done: `backstep runbook close`';
  return next.machine === null
    ? `next: do it, then \`backstep runbook tick ${next.id} --by NAME --note WHAT-YOU-SAW\``
    : `next: \`backstep runbook do ${next.id}\` (the machine does it and shows its evidence)`;
}

function doneCount(items: readonly Item[], progress: Progress): number {
  return items.filter((item) => stateOf(progress, item).kind === 'done').length;
}

/** The same as one page of HTML, with everything that happened in the order in which it did. */
export function recordPage(
  procedure: Procedure,
  progress: Progress,
  entries: readonly Entry[],
): string {
  const items = itemsOf(procedure);
  const title = `Rollback by hand from ${progress.release}`;
  const head = `<header>
<h1>${escaped(title)}</h1>
<p>${escaped(progress.reason)}</p>
<p class="quiet">${escaped(`begun ${progress.begunAt} by ${progress.begunBy}; led by ${progress.holder}; ${doneCount(items, progress)} of ${items.length} done`)}</p>
${progress.closed === null ? '' : `<p>${escaped(closing(progress, null))}</p>`}
</header>
`;
  const phases = procedure.phases.map((phase, index) =>
    section(
      `Phase ${index + 1}: ${phase.title}`,
      table(
        ['Line', 'What', 'State', 'Who and when', 'Evidence'],
        phase.steps.flatMap((step) => step.items.map((item) => row(item, stateOf(progress, item)))),
      ),
    ),
  );
  const log = table(
    ['When', 'Who', 'What'],
    entries.map((each) => [each.ts, each.by, told(each)]),
  );
  return page(title, `${head}${phases.join('')}${section('Everything, in order', log)}`);
}

function row(item: Item, state: ItemState): readonly string[] {
  const who = state.kind === 'open' ? '' : `${state.by}, ${state.at}`;
  const evidence = state.kind === 'open' ? '' : state.evidence;
  const how = state.kind === 'done' ? `done by ${state.how}` : state.kind;
  return [item.id, item.text, how, who, evidence];
}

function told(each: Entry): string {
  switch (each.event) {
    case 'begun':
      return `begun: ${each.reason}`;
    case 'done':
      return `${each.item} done by ${each.how}: ${each.evidence}`;
    case 'failed':
      return `${each.item} failed: ${each.evidence}`;
    case 'reopened':
      return `${each.item} opened again: ${each.why}`;
    case 'handed-over':
      return `handed over to ${each.to}${each.note === '' ? '' : `: ${each.note}`}`;
    case 'closed':
      return `closed: ${each.note}`;
  }
}
