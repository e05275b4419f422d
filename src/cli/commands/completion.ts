import { z } from 'zod';
import { completionScript, shells } from '../completion.ts';
import { guides } from '../guide.ts';
import { parseGiven, type CommandDefinition } from './definition.ts';

const named = z.tuple([z.enum(shells)]);

export const completionCommand: CommandDefinition = {
  example: 'backstep completion bash > ~/.local/share/bash-completion/completions/backstep',
  readsOnly: true,
  arguments: { '<shell>': `one of ${shells.join(', ')}` },
  run: async (call, given) => {
    const [shell] = parseGiven(named, given.args);
    const script = completionScript(shell, await guides());
    call.output.result({ shell, script }, [script.trimEnd()]);
    return 0;
  },
};
