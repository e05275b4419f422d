import { bookNow } from '../../switch/operations.ts';
import { interruptedRuns } from '../../switch/open-runs.ts';
import { waitingRuns } from '../../switch/waiting.ts';
import { openGround } from '../open.ts';
import type { CommandDefinition } from './definition.ts';

export const statusCommand: CommandDefinition = {
  example: 'backstep status --json',
  run: async (call) => {
    const ground = openGround(call);
    const book = bookNow(ground);
    const service = await ground.service.status();
    const interrupted = interruptedRuns(ground);
    const waiting = waitingRuns(ground);
    const document = {
      app: ground.manifest.app,
      release: book.release,
      lastGood: book.lastGood,
      canReturnTo: book.departure?.from ?? null,
      holds: book.holds,
      service,
      interrupted,
      waiting,
    };
    call.output.result(document, [
      `${document.app}: ${book.release ?? 'no release'} · ${service.state}${service.detail === '' ? '' : ` (${service.detail})`}`,
      `last good: ${book.lastGood ?? '–'}`,
      ...(document.canReturnTo === null ? [] : [`can return to: ${document.canReturnTo}`]),
      ...book.holds.map(({ release, reason, at }) => `on hold: ${release} since ${at}: ${reason}`),
      ...interrupted.map(
        (run) => `INTERRUPTED: ${run}: run \`backstep resume\` or \`backstep abort\``,
      ),
      ...waiting.map(
        ({ run, why, commands }) =>
          `${why.toUpperCase()}: ${run}: a person decides: ${commands.map((each) => `\`${each}\``).join(' or ')}`,
      ),
    ]);
    return interrupted.length + waiting.length === 0 ? 0 : 7;
  },
};
