"""The parts of ministack that have no public name. Its version is pinned; another one is to be checked here."""

from collections.abc import Callable
from typing import Any

from ministack import app as _app
from ministack.core import persistence as _persistence
from ministack.services import dynamodb as _dynamodb

# A service's key in a snapshot -> the name of its module.
SERVICES: dict[str, str] = _app._state_map  # noqa: SLF001
# What those services need beside JSON: dicts that are scoped by account and region, and bytes.
encode_special: Callable[[Any], Any] = _persistence._json_default  # noqa: SLF001
decode_special: Callable[[dict[str, Any]], Any] = _persistence._json_object_hook  # noqa: SLF001

# By (account, region, table): stream records, oldest first; how many were dropped before them; table definitions.
stream_records = _dynamodb._stream_records  # noqa: SLF001
stream_dropped = _dynamodb._stream_trimmed  # noqa: SLF001
tables = _dynamodb._tables  # noqa: SLF001


def load_modules(*names: str) -> None:
    """Import services now that would else be imported at their first request."""
    for name in names:
        _app._get_module(name)  # noqa: SLF001


def loaded_states() -> dict[str, Any]:
    """The state of every service that was used, by its key."""
    return {key: state() for key, state in _app._build_persistence_save_dict().items()}  # noqa: SLF001


def load_state(key: str, state: Any) -> None:  # noqa: ANN401 - each service has a shape of its own
    _app._get_module(SERVICES[key]).load_persisted_state(state)  # noqa: SLF001
