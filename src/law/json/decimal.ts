/** The decimal value of a JSON number: the sign, digits without zeros at either end, and the power of ten. */
interface Decimal {
  readonly digits: string;
  readonly exponent: bigint;
}

/** JSONata writes fractions into strings with no more digits than these. */
const digitsOfText = 15;

/**
 * True where a JavaScript number is exactly what the source text says, written the shortest way: 1.50 and
 * 0.1 are, 9007199254740993 and 1e999 are not.
 */
export function fitsJavaScript(text: string): boolean {
  const number = Number(text);
  if (!Number.isFinite(number)) return false;
  const source = decimalOf(text);
  const held = decimalOf(String(number));
  return source.digits === held.digits && source.exponent === held.exponent;
}

/** True where JSONata's own conversion to text keeps every digit. */
export function fitsJsonataText(text: string): boolean {
  return Number.isInteger(Number(text)) || decimalOf(text).digits.length <= digitsOfText;
}

const numberParts = /^(?<sign>-?)(?<whole>\d+)(?:\.(?<fraction>\d+))?(?:e(?<power>[+-]?\d+))?$/iu;

function decimalOf(text: string): Decimal {
  const {
    sign = '',
    whole = '',
    fraction = '',
    power = '0',
  } = numberParts.exec(text)?.groups ?? {};
  const all = (whole + fraction).replace(/^0+/, '');
  const digits = all.replace(/0+$/, '');
  if (digits === '') return { digits: '0', exponent: 0n };
  const cut = all.length - digits.length - fraction.length;
  return { digits: sign + digits, exponent: BigInt(power) + BigInt(cut) };
}
