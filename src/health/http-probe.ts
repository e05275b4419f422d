import type { HttpAnswer, Network } from '../host/network.ts';
import type { Measurement, Probe } from './outcome.ts';

/** Asks an address whether the application is ready. */
export function httpProbe(network: Pick<Network, 'get'>, url: URL): Probe {
  return async ({ limitMs, signal }) =>
    measured(url, await network.get(url, { limitMs, signal, bodyBytes: shownBytes }));
}

/**
 * 2xx is good and 5xx is bad. 3xx and 4xx say neither: somebody answers, but not the health of the
 * application (a wrong path, a login in front of it).
 */
export function measured(url: URL, answer: HttpAnswer): Measurement {
  if (answer.kind !== 'answered')
    return { outcome: 'Error', detail: `GET ${url.href}: ${answer.why}` };
  const { status, body } = answer;
  const said = body.trim() === '' ? '' : `: ${body.trim().replaceAll(/\s+/g, ' ')}`;
  const detail = `GET ${url.href}: ${status}${said}`;
  if (status >= 200 && status < 300) return { outcome: 'Successful', detail };
  if (status >= 500) return { outcome: 'Failed', detail };
  return { outcome: 'Inconclusive', detail: `${detail} (not an answer about health)` };
}

const shownBytes = 300;
