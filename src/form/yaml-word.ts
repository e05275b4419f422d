/** A word as YAML takes it for a text: quoted where it could be read as something else. */
export function yamlWord(word: string): string {
  const isPlain =
    /^[A-Za-z_][\w/.-]*$/.test(word) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(word);
  return isPlain ? word : JSON.stringify(word);
}
