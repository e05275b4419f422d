import { longFlag, takesValue, type CommandGuide } from './guide.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** A script that teaches a shell the commands and their options; values are completed as files. */
export function completionScript(shell: Shell, guides: readonly CommandGuide[]): string {
  switch (shell) {
    case 'bash':
      return bashScript(guides);
    case 'zsh':
      return `#compdef backstep\nautoload -U +X bashcompinit && bashcompinit\n${bashScript(guides)}`;
    case 'fish':
      return fishScript(guides);
  }
}

/** The words that may follow the ones before: commands of one word or two, then options. */
function bashScript(guides: readonly CommandGuide[]): string {
  const seconds = Map.groupBy(
    guides.filter(({ name }) => name.includes(' ')),
    ({ name }) => wordsOf(name)[0] ?? '',
  );
  const cases = guides.map(({ name, options }) => {
    const below = (seconds.get(name) ?? []).map((guide) => wordsOf(guide.name)[1] ?? '');
    return `    ${quoted(name)}) words=${quoted([...below, ...options.map(([each]) => longFlag(each))].join(' '))} ;;`;
  });
  const groups = [...seconds]
    .filter(([first]) => !guides.some(({ name }) => name === first))
    .map(([first, below]) => {
      const words = below.map(({ name }) => wordsOf(name)[1] ?? '').join(' ');
      return `    ${quoted(first)}) words=${quoted(words)} ;;`;
    });
  const values = [
    ...new Set(
      guides.flatMap(({ options }) =>
        options.filter(([each]) => takesValue(each)).map(([each]) => longFlag(each)),
      ),
    ),
  ];
  return `_backstep() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" words name
  COMPREPLY=()
  case "$previous" in
    ${values.join('|')}) COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W ${quoted(firstWords(guides).join(' '))} -- "$current"))
    return
  fi
  name="\${COMP_WORDS[1]}"
  case "$name \${COMP_WORDS[2]}" in
    ${guides
      .map(({ name }) => name)
      .filter((name) => name.includes(' '))
      .map(quoted)
      .join('|')})
      [ "$COMP_CWORD" -gt 2 ] && name="$name \${COMP_WORDS[2]}" ;;
  esac
  case "$name" in
${[...groups, ...cases].join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [ \${#COMPREPLY[@]} -eq 0 ] && COMPREPLY=($(compgen -f -- "$current"))
}
complete -F _backstep backstep
`;
}

function fishScript(guides: readonly CommandGuide[]): string {
  const firsts = firstWords(guides);
  const none = `not __fish_seen_subcommand_from ${firsts.join(' ')}`;
  const lines = guides.flatMap(({ name, summary, options }) => {
    const [first = '', second] = wordsOf(name);
    const isHere = seen(name);
    const word =
      second === undefined
        ? `complete -c backstep -n ${quoted(none)} -f -a ${quoted(first)} -d ${quoted(summary)}`
        : `complete -c backstep -n ${quoted(seen(first))} -f -a ${quoted(second)} -d ${quoted(summary)}`;
    const flags = options.map(([written, help]) => {
      const value = takesValue(written) ? ' -r' : '';
      return `complete -c backstep -n ${quoted(isHere)} -l ${longFlag(written).slice(2)}${value} -d ${quoted(help)}`;
    });
    return [word, ...flags];
  });
  const bare = firsts
    .filter((first) => !guides.some(({ name }) => name === first))
    .map((first) => `complete -c backstep -n ${quoted(none)} -f -a ${quoted(first)}`);
  return `${[...bare, ...lines].join('\n')}\n`;
}

function seen(name: string): string {
  return wordsOf(name)
    .map((word) => `__fish_seen_subcommand_from ${word}`)
    .join('; and ');
}

function firstWords(guides: readonly CommandGuide[]): string[] {
  return [...new Set(guides.map(({ name }) => wordsOf(name)[0] ?? ''))];
}

function wordsOf(name: string): string[] {
  return name.split(' ');
}

/** One word of a POSIX shell or of fish. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
