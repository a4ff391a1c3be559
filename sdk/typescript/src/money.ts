/** Exact amounts: a decimal string as a count of 10^-12, so that nothing is ever added up as a number. */

const DECIMALS = 12;
const PICO = 10n ** BigInt(DECIMALS);
const DECIMAL = /^(-?)(\d+)(?:\.(\d{1,12}))?$/;

/** Units of 10^-12 of a plain decimal string such as `"0.0177"`; throws a RangeError for anything else. */
export function toPico(text: string): bigint {
    const [, sign, whole, fraction = ""] = DECIMAL.exec(text) ?? [];
    if (whole === undefined) throw new RangeError(`not a plain decimal of at most ${DECIMALS} decimals: ${text}`);
    const pico = BigInt(whole) * PICO + BigInt(fraction.padEnd(DECIMALS, "0"));
    return sign ? -pico : pico;
}

/** The plain decimal string of so many units of 10^-12, without trailing zeros. */
export function fromPico(pico: bigint): string {
    const digits = (pico < 0n ? -pico : pico).toString().padStart(DECIMALS + 1, "0");
    const text = `${digits.slice(0, -DECIMALS)}.${digits.slice(-DECIMALS)}`.replace(/\.?0+$/, "");
    return pico < 0n ? `-${text}` : text;
}

/** The exact sum of decimal strings. */
export function sumOf(amounts: Iterable<string>): string {
    let total = 0n;
    for (const amount of amounts) total += toPico(amount);
    return fromPico(total);
}
