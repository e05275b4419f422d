import { Script, createContext } from 'node:vm';

const matchLimitMs = 1000;
const script = new Script('pattern.exec(text)');
const sandbox: { pattern: RegExp; text: string } = { pattern: /(?:)/, text: '' };
const context = createContext(sandbox);

/**
 * A regular expression whose search is stopped after a second: some patterns try for years on a text of
 * forty letters, and no other limit on an expression sees that.
 */
export class BoundedRegExp extends RegExp {
  override exec(text: string): RegExpExecArray | null {
    const pattern = new RegExp(this.source, this.flags);
    pattern.lastIndex = this.lastIndex;
    Object.assign(sandbox, { pattern, text });
    const found: RegExpExecArray | null = script.runInContext(context, { timeout: matchLimitMs });
    this.lastIndex = pattern.lastIndex;
    return found;
  }
}
