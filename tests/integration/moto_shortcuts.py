"""What moto does anew for every test or every field is done once: its answers are the same."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from moto.core import models, serialize
from moto.kms import models as kms


def install() -> None:
    """To be called before anything is asked of moto."""
    # boto's requests alone are answered: to watch for those of another library takes longer than all else of a test.
    models.RESPONSES_METHODS.clear()
    # An RSA key for each KMS key, also for those that only encrypt.
    kms.generate_private_key = cache(kms.generate_private_key)
    for picker in (serialize.AttributePicker, serialize.XFormedAttributePicker):
        picker.get_possible_keys = _remembering(picker.get_possible_keys)


def _remembering(possible_keys: Any) -> Any:
    """The names under which a field may be found, which for a plain dict depend on the answer's shape alone."""
    known: dict[Any, tuple[str, ...]] = {}

    def get_possible_keys(picker: Any, context: Any) -> Iterable[str]:
        if type(context.obj) is not dict:
            found: Iterable[str] = possible_keys(picker, context)
            return found
        place = (type(picker), context.key, context.shape)
        if place not in known:
            known[place] = tuple(possible_keys(picker, context))
        return known[place]

    return get_possible_keys
