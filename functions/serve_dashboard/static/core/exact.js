// Money and quantities as integers of 10^-12, as the service keeps them. Floats are for drawing alone.

const DECIMALS = 12;

/** A plain decimal string as an integer of 10^-12. */
export function pico(text) {
  const [, sign, whole, fraction = ""] = /^(-?)(\d+)(?:\.(\d{1,12}))?$/.exec(text);
  const value = BigInt(whole + fraction.padEnd(DECIMALS, "0"));
  return sign ? -value : value;
}

/** The plain decimal string of an integer of 10^-12, without trailing zeros. */
export function plain(value) {
  const text = fixed(value, DECIMALS);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** With so many decimals (0 to 12), rounded half to even. */
export function fixed(value, decimals) {
  const unit = 10n ** BigInt(DECIMALS - decimals);
  const size = value < 0n ? -value : value;
  let rounded = size / unit;
  const twice = (size % unit) * 2n;
  if (twice > unit || (twice === unit && rounded % 2n === 1n)) rounded += 1n;
  const digits = rounded.toString().padStart(decimals + 1, "0");
  const cut = digits.length - decimals;
  const sign = value < 0n && rounded > 0n ? "-" : "";
  return sign + digits.slice(0, cut) + (decimals ? `.${digits.slice(cut)}` : "");
}

export const sum = (texts) => texts.reduce((total, text) => total + pico(text), 0n);

/** For drawing. */
export const approximate = (text) => Number(text);

export function compare(one, other) {
  return one < other ? -1 : one > other ? 1 : 0;
}
