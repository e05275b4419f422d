import type { IncomingMessage } from 'node:http';
import { errorCode } from '../database/open.ts';
import { Problem } from './problem.ts';

const limitBytes = 1024 * 1024;

/** Reads the JSON body of a request; an empty one is an empty object. Throws `Problem`. */
export async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  const bytes = await readBody(request).catch((error: unknown) => {
    if (errorCode(error) !== 'ECONNRESET') throw error;
    throw new Problem(400, 'request/aborted', { message: 'The request has ended too early.' });
  });
  if (bytes.length === 0) return {};
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    if (!(error instanceof SyntaxError) && !(error instanceof TypeError)) throw error;
    throw new Problem(400, 'request/json', {
      message: `The body is not JSON: ${error.message}.`,
    });
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    const bytes = Buffer.from(chunk);
    sizeBytes += bytes.length;
    if (sizeBytes > limitBytes) throw tooLarge();
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function tooLarge(): Problem {
  return new Problem(413, 'request/too-large', {
    message: `The body is larger than ${limitBytes} bytes.`,
    hint: 'Send fewer links at a time.',
  });
}
