// A classic script, run before the page is painted: the theme and language of the last visit, so that nothing flashes.
document.documentElement.dataset.theme = localStorage.getItem('sdm.theme') ?? 'light';
document.documentElement.lang = localStorage.getItem('sdm.language') ?? 'en';
