// A classic script, run before the page is painted: the looks and language of the last visit, so that nothing flashes.
const page = document.documentElement;
page.dataset.theme = localStorage.getItem('sdm.theme') ?? 'light';
page.lang = localStorage.getItem('sdm.language') ?? 'en';
page.classList.toggle('signed-in', localStorage.getItem('sdm.signed-in') === 'yes');
const palette = JSON.parse(localStorage.getItem('sdm.palette') ?? '{}');
for (const [name, value] of Object.entries(palette)) page.style.setProperty(name, value);
