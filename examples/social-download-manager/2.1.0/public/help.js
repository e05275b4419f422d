// The help page works without the server: it only keeps the language of the last visit, and can change it.
const titles = { en: 'Help', vi: 'Trợ giúp' };

for (const language of Object.keys(titles)) {
  document.getElementById(`to-${language}`).addEventListener('click', () => show(language));
}
show(document.documentElement.lang in titles ? document.documentElement.lang : 'en');
followAddress();
window.addEventListener('hashchange', followAddress);

function show(language) {
  document.documentElement.lang = language;
  document.title = `${titles[language]} – Social Download Manager`;
  localStorage.setItem('sdm.language', language);
  for (const name of Object.keys(titles)) {
    document.getElementById(`to-${name}`).setAttribute('aria-pressed', `${name === language}`);
  }
}

/** An address may point into the other language's article (a link from the sign-in page does): its counterpart is shown. */
function followAddress() {
  const wanted = document.getElementById(location.hash.slice(1));
  const article = wanted?.closest('article');
  if (!article || article.lang === document.documentElement.lang) return;
  const place = [...article.querySelectorAll('h2')].indexOf(wanted);
  const shown = document.querySelector(`article[lang="${document.documentElement.lang}"]`);
  shown.querySelectorAll('h2')[place]?.scrollIntoView();
}
