"""What goes wrong with a Stripe account."""


class KeyRefusedError(Exception):
    """A key that is not used, with the reason."""


class RefusedError(Exception):
    """Stripe does not let the key do what it is for."""


class UnreachableError(Exception):
    """No usable answer came, however often it was asked for; whether it took effect is not known."""


class UsedError(Exception):
    """The key of a request was used before, within a day or so, for a request that was another."""


class InvalidError(Exception):
    """Stripe finds fault with a request; it had no effect."""

    def __init__(self, message: str, code: str | None) -> None:
        super().__init__(message)
        self.code = code
