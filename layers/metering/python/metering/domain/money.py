"""Fixed-point numbers: money in pico-USD, quantities in pico-units, both integers of 10^-12.

Twelve decimals hold any published price exactly, and an integer neither drifts nor turns into an exponent. A cost is
rounded once a line when it is priced (`divide_half_even`) and once more at the edge (`cents`).
"""

from decimal import Context, Decimal, Inexact, InvalidOperation

PICO = 10**12
PICO_PER_CENT = PICO // 100
DECIMALS = 12

# More digits than any quantity or price has; what does not fit is refused and never rounded, nor lost as too small.
_EXACT = Context(prec=60, traps=[Inexact, InvalidOperation])


def to_pico(value: Decimal) -> int:
    """The integer number of 10^-12 in `value`.

    Raises:
        ValueError: `value` has more than 12 decimals or is not finite.
    """
    if not value.is_finite():
        raise ValueError("must be a finite number")
    try:
        scaled = value.scaleb(DECIMALS, _EXACT)
    except (Inexact, InvalidOperation):
        raise ValueError("must have at most 12 decimals") from None
    whole = int(scaled)
    if whole != scaled:
        raise ValueError("must have at most 12 decimals")
    return whole


def plain_to_pico(text: str) -> int:
    """What `plain` has written, read again."""
    whole, point, fraction = text.partition(".")
    if not point:
        return int(whole) * PICO
    return int(f"{whole}{fraction:0<12}")


def plain(pico: int) -> str:
    """`pico` × 10^-12 as a plain decimal string: no exponent, no trailing zeros (`4350000000` is `"0.00435"`)."""
    whole, fraction = divmod(abs(pico), PICO)
    sign = "-" if pico < 0 else ""
    if not fraction:
        return f"{sign}{whole}"
    return f"{sign}{whole}.{fraction:012d}".rstrip("0")


def divide_half_even(numerator: int, denominator: int) -> int:
    """`numerator` ÷ `denominator` (positive) rounded to an integer, ties to the even neighbour."""
    quotient, remainder = divmod(numerator, denominator)
    twice = 2 * remainder
    if twice > denominator or (twice == denominator and quotient & 1):
        return quotient + 1
    return quotient


def cents(pico_usd: int) -> int:
    """Pico-USD as whole US cents, rounded once, half to even."""
    return divide_half_even(pico_usd, PICO_PER_CENT)


def money(pico_usd: int) -> dict[str, int | str]:
    """Pico-USD as money at the edge: `{"amount": <cents>, "currency": "usd"}`."""
    return {"amount": cents(pico_usd), "currency": "usd"}
