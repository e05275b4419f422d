import assert from 'node:assert/strict';

export interface RequestOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A small JSON client with a cookie jar, as a browser's page would use the API. */
export class Client {
  readonly origin: string;
  readonly #cookies = new Map<string, string>();

  constructor(origin: string) {
    this.origin = origin;
  }

  get(path: string, options: RequestOptions = {}): Promise<Answer> {
    return this.request('GET', path, options);
  }

  post(path: string, body: unknown = {}, options: RequestOptions = {}): Promise<Answer> {
    return this.request('POST', path, { body, ...options });
  }

  put(path: string, body: unknown): Promise<Answer> {
    return this.request('PUT', path, { body });
  }

  patch(path: string, body: unknown): Promise<Answer> {
    return this.request('PATCH', path, { body });
  }

  delete(path: string): Promise<Answer> {
    return this.request('DELETE', path, { body: {} });
  }

  /** Sends the body as JSON, or as it is when it is text. */
  async request(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
    const { body } = options;
    const response = await fetch(new URL(path, this.origin), {
      method,
      redirect: 'manual',
      headers: { ...this.#headers(body !== undefined), ...options.headers },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    this.#keepCookies(response.headers);
    return new Answer(response, await response.text());
  }

  /** As the `cookie` header carries them: `sdm_session=…`. */
  get cookies(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  #headers(hasBody: boolean): Record<string, string> {
    return {
      ...(hasBody ? { 'content-type': 'application/json' } : {}),
      ...(this.#cookies.size > 0 ? { cookie: this.cookies } : {}),
    };
  }

  #keepCookies(headers: Headers): void {
    for (const cookie of headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';');
      const [name = '', value = ''] = pair.split('=');
      if (value === '') this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
  }
}

/** A response that has been read to its end. */
export class Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;

  constructor(response: Response, text: string) {
    this.status = response.status;
    this.headers = response.headers;
    this.text = text;
  }

  get body(): unknown {
    return this.text === '' ? undefined : JSON.parse(this.text);
  }

  /** What stands at a path of keys and positions: `downloads.0.title`; undefined where there is nothing. */
  at(path: string): unknown {
    let value = this.body;
    for (const key of path.split('.')) {
      if (typeof value !== 'object' || value === null) return undefined;
      value = Object.getOwnPropertyDescriptor(value, key)?.value;
    }
    return value;
  }

  number(path: string): number {
    const value = this.at(path);
    assert(typeof value === 'number', `${path} is a number in ${this.text}`);
    return value;
  }

  string(path: string): string {
    const value = this.at(path);
    assert(typeof value === 'string', `${path} is text in ${this.text}`);
    return value;
  }

  list(path: string): readonly unknown[] {
    const value = this.at(path);
    assert(Array.isArray(value), `${path} is a list in ${this.text}`);
    return value;
  }
}
