/** The page's languages, each a file `words.LANGUAGE.json` with the same keys. */
const languages = ['en', 'vi'];
const books = {};
const listeners = [];
let language = document.documentElement.lang;

/** Fetches every language, so that changing it later needs no server. */
export async function loadWords() {
  await Promise.all(
    languages.map(async (name) => {
      const response = await fetch(`words.${name}.json`);
      books[name] = await response.json();
    }),
  );
}

/** Puts the whole page into a language, and remembers it for the next visit. */
export function useLanguage(wanted) {
  language = languages.includes(wanted) ? wanted : 'en';
  document.documentElement.lang = language;
  localStorage.setItem('sdm.language', language);
  translate(document);
  for (const listener of listeners) listener();
}

export function currentLanguage() {
  return language;
}

/** Calls `listener()` after each change of language: views write their own texts anew. */
export function onLanguage(listener) {
  listeners.push(listener);
}

/** The words for `key`, with `{name}` replaced by `values.name`. */
export function words(key, values = {}) {
  const sentence = books[language][key];
  if (sentence === undefined) throw new Error(`no words for ${key} in ${language}`);
  return sentence.replaceAll(/\{(\w+)\}/g, (_, name) => values[name]);
}

export function hasWords(key) {
  return books[language][key] !== undefined;
}

/** Words that depend on a count: `key.one` or `key.other`, by the language's own rule. */
export function counted(key, count) {
  const form = new Intl.PluralRules(language).select(count) === 'one' ? 'one' : 'other';
  return words(`${key}.${form}`, { count: new Intl.NumberFormat(language).format(count) });
}

/**
 * Fills in every element that names its words: `data-words` for its text,
 * `data-words-label` for its name and tooltip, `data-words-placeholder` for what an empty field shows.
 */
export function translate(root) {
  const named = '[data-words], [data-words-label], [data-words-placeholder]';
  const inside = root.querySelectorAll(named);
  const all = root instanceof Element && root.matches(named) ? [root, ...inside] : inside;
  for (const element of all) {
    const { words: text, wordsLabel: label, wordsPlaceholder: placeholder } = element.dataset;
    if (text) element.textContent = words(text);
    if (placeholder) element.placeholder = words(placeholder);
    if (label) {
      element.setAttribute('aria-label', words(label));
      if (element.matches('button, a')) element.title = words(label);
    }
  }
}
