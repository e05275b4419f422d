import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import { test, type TestContext } from 'node:test';
import { nodeHost } from '../host/node.ts';
import { httpProbe, measured } from './http-probe.ts';
import { awaitReady, type EarlyEnd, type ReadyVerdict } from './ready.ts';

const limits = { timeout: 900_000 };
const host = nodeHost();

async function served(t: TestContext, answer: RequestListener): Promise<URL> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return new URL(`http://127.0.0.1:${address.port}/healthz`);
}

function gate(
  url: URL,
  withinMs: number,
  ended?: () => Promise<EarlyEnd | null>,
): Promise<ReadyVerdict> {
  return awaitReady(
    {
      probe: httpProbe(host.network, url),
      deadlineMs: host.clock.monotonicMs() + withinMs,
      ended: ended ?? (async () => null),
    },
    host.clock,
  );
}

test('ready as soon as the answer is good, after answers that were not', limits, async (t) => {
  let asked = 0;
  const url = await served(t, (_request, response) => {
    asked += 1;
    response.statusCode = asked < 3 ? 503 : 200;
    response.end('ok');
  });
  const verdict = await gate(url, 50_000);
  assert.equal(verdict.outcome, 'Successful');
  assert.equal(verdict.measuredCount, 3);
});

test('nobody there by the deadline: it could not be measured', limits, async () => {
  const port = await host.network.freePort();
  const verdict = await gate(new URL(`http://127.0.0.1:${port}/`), 2_000);
  assert.equal(verdict.outcome, 'Error');
  assert.match(verdict.detail, /nobody listens/);
  assert.ok(verdict.measuredCount > 1);
});

test('an answer that never ends does not outlast the deadline', limits, async (t) => {
  const url = await served(t, (_request, response) => {
    response.write('{');
    const dripping = setInterval(() => response.write(' '), 10);
    response.on('close', () => clearInterval(dripping));
  });
  // The body that is kept is never full, and a byte comes every 10 ms: only the absolute limit ends it.
  const probe = async () => {
    const answer = await host.network.get(url, { limitMs: 200, bodyBytes: 1_000_000 });
    return measured(url, answer);
  };
  const deadlineMs = host.clock.monotonicMs() + 2_000;
  const verdict = await awaitReady({ probe, deadlineMs, ended: async () => null }, host.clock);
  assert.equal(verdict.outcome, 'Error');
  assert.match(verdict.detail, /no answer within/);
});

test(
  'a server that takes the request and says nothing is given up at the deadline',
  limits,
  async (t) => {
    const verdict = await gate(await served(t, () => undefined), 200);
    assert.equal(verdict.outcome, 'Error');
  },
);

test('a good answer does not count once the application has ended', limits, async (t) => {
  const url = await served(t, (_request, response) => response.end());
  let asked = 0;
  const ended = async () => {
    asked += 1;
    return asked === 1 ? null : { detail: 'exit code 3', lastLines: ['the port is taken'] };
  };
  const verdict = await gate(url, 50_000, ended);
  assert.equal(verdict.outcome, 'Failed');
  assert.deepEqual(verdict.ended?.lastLines, ['the port is taken']);
});

test('what says neither good nor bad is inconclusive at the deadline', limits, async (t) => {
  const url = await served(t, (_request, response) => {
    response.statusCode = 404;
    response.end();
  });
  assert.equal((await gate(url, 2_000)).outcome, 'Inconclusive');
});

test('each kind of answer has its outcome', () => {
  const url = new URL('http://127.0.0.1/healthz');
  const outcome = (status: number) =>
    measured(url, { kind: 'answered', status, body: ' all\n well ' }).outcome;
  assert.deepEqual([200, 204, 302, 401, 404, 500, 503].map(outcome), [
    'Successful',
    'Successful',
    'Inconclusive',
    'Inconclusive',
    'Inconclusive',
    'Failed',
    'Failed',
  ]);
  assert.equal(measured(url, { kind: 'silent', why: 'no answer' }).outcome, 'Error');
  const { detail } = measured(url, { kind: 'answered', status: 200, body: ' all\n well ' });
  assert.equal(detail, 'GET http://127.0.0.1/healthz: 200: all well');
});

test('without a probe it must run for a while', limits, async () => {
  const until = (withinMs: number) => ({
    probe: null,
    deadlineMs: host.clock.monotonicMs() + withinMs,
    ended: async () => null,
  });
  assert.equal((await awaitReady(until(50), host.clock)).outcome, 'Inconclusive');
  assert.equal((await awaitReady(until(50_000), host.clock)).outcome, 'Successful');
});

test('an abort ends the wait', limits, async () => {
  const port = await host.network.freePort();
  const probe = httpProbe(host.network, new URL(`http://127.0.0.1:${port}/`));
  const stop = new AbortController();
  const waiting = awaitReady(
    {
      probe,
      deadlineMs: host.clock.monotonicMs() + 3_600_000,
      ended: async () => null,
      signal: stop.signal,
    },
    host.clock,
  );
  stop.abort();
  await assert.rejects(waiting, (error: Error) => 'code' in error && error.code === 'interrupted');
});
