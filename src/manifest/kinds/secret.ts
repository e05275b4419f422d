/** The place itself is declared secret, or lies within what is. */
export function isSecret(place: string, secret: readonly string[]): boolean {
  return secret.some(
    (each) => place === each || (place.startsWith(each) && /^[#.[]/.test(place.slice(each.length))),
  );
}
