import type { Strike, TracedAct } from './strike.ts';

/** The phases in which live names change: each of their acts is a point of its own. */
const moving = ['displace', 'commit', 'place'];

/** Acts that have a middle. */
const tearable = ['write', 'copy'];

/**
 * Kill points of several commands that together strike every kind of act in every phase at least once, and every
 * act of the phases in which live names change, and the last act of each command; a kind that several commands share is struck in one of them,
 * which one goes round. Acts are told by phase and number, which stay when an earlier phase does more or less.
 */
export function spread(
  traces: Readonly<Record<string, readonly TracedAct[]>>,
): Readonly<Record<string, readonly Strike[]>> {
  const kinds = new Map<string, Map<string, TracedAct>>();
  for (const [name, acts] of Object.entries(traces)) {
    for (const act of acts) {
      const kind = `${act.phase} ${act.name}`;
      const places = kinds.get(kind) ?? new Map<string, TracedAct>();
      kinds.set(kind, places);
      if (!places.has(name)) places.set(name, act);
    }
  }
  const chosen = new Map<string, Strike[]>(Object.keys(traces).map((name) => [name, []]));
  let turn = 0;
  for (const places of kinds.values()) {
    const names = [...places.keys()];
    const name = names[turn % names.length] ?? '';
    turn += 1;
    const act = places.get(name);
    if (act !== undefined) chosen.get(name)?.push(...strikesAt(act));
  }
  for (const [name, acts] of Object.entries(traces)) {
    const live = acts.filter(({ phase, name: what }) => isMoving(phase) && what === 'rename');
    chosen.get(name)?.push(...[...live, ...acts.slice(-1)].map((act) => killBefore(act)));
  }
  return Object.fromEntries([...chosen].map(([name, strikes]) => [name, distinct(strikes)]));
}

function isMoving(phase: string): boolean {
  return moving.includes(phase.replace(/^\d+\./, ''));
}

function strikesAt(act: TracedAct): Strike[] {
  const killed = killBefore(act);
  return tearable.includes(act.name) ? [killed, { ...killed, how: 'tear' }] : [killed];
}

export function killBefore({ phase, inPhase }: TracedAct): Strike {
  return { how: 'kill', phase, at: inPhase };
}

function distinct(strikes: readonly Strike[]): Strike[] {
  return [...new Map(strikes.map((strike) => [JSON.stringify(strike), strike])).values()];
}

export function nameOf({ how, phase, at }: Strike): string {
  return `${how} ${phase ?? 'run'}:${at}`;
}
