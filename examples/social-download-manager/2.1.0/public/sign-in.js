import { api, Refusal } from './api.js';
import { attempt, byId, on } from './elements.js';
import { refreshSession } from './session.js';
import { words } from './words.js';

/** The two forms of somebody who is not signed in: the first account, and signing in. */
export function startSignIn() {
  onSubmit('sign-in-form', async ({ name, password }) => {
    await api.logIn({ name, password });
  });
  onSubmit('set-up-form', async ({ name, password, again }) => {
    if (password !== again) throw new Refusal(0, differs());
    await api.setUp({ name, password });
  });
  on(byId('log-out'), 'click', async () => {
    const place = byId('queue-problems');
    await attempt(byId('log-out'), place, async () => {
      await api.logOut();
      await refreshSession();
    });
  });
}

function onSubmit(id, send) {
  const form = byId(id);
  on(form, 'submit', async (event) => {
    event.preventDefault();
    const wentWell = await attempt(form, form.querySelector('.problems'), async () => {
      await send(Object.fromEntries(new FormData(form)));
      await refreshSession();
    });
    if (wentWell) form.reset();
    else form.elements.password.select();
  });
}

function differs() {
  return { code: 'password/differs', message: words('error.password/differs') };
}
