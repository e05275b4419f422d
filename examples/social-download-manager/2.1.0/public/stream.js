import { api } from './api.js';
import { on } from './elements.js';

const openAgainAfterMs = 2_000;
const pollEveryMs = 2_000;

/**
 * The server's events on downloads. `heard` is told what comes: `opened()` at each beginning, when whatever
 * was known may be out of date; `progress(figures)`; `removed({ id })`; and `lost()` when it broke off,
 * after which it is opened again.
 *
 * Returns `follow(mode)`, with `stream`, `none`, or `poll` where the server offers no stream (then `opened()`
 * is called every 2 s), and `restart()`, which begins anew without waiting for the next time.
 */
export function progressStream(heard) {
  let mode = 'none';
  let source = null;
  let timer = 0;

  function restart() {
    clearTimeout(timer);
    source?.close();
    source = null;
    if (mode === 'stream') source = open();
    if (mode === 'poll') poll();
  }

  function open() {
    const opened = new EventSource(api.progressAddress);
    on(opened, 'open', () => heard.opened());
    on(opened, 'progress', ({ data }) => heard.progress(JSON.parse(data)));
    on(opened, 'removed', ({ data }) => heard.removed(JSON.parse(data)));
    on(opened, 'error', () => {
      if (opened !== source) return;
      source.close();
      timer = setTimeout(restart, openAgainAfterMs);
      heard.lost();
    });
    return opened;
  }

  function poll() {
    heard.opened();
    timer = setTimeout(restart, pollEveryMs);
  }

  function follow(wanted) {
    if (wanted === mode) return;
    mode = wanted;
    restart();
  }

  return { follow, restart };
}
