"""Both clients read providers' usage alike: the Python one is held to the cases that the TypeScript one is held to."""

import json
from collections.abc import Callable
from typing import Any, Final

import pytest

from metering_client import UnknownUsageError, from_anthropic, from_google, from_openai, from_otel
from tests.template import ROOT

ADAPTERS: Final[dict[str, Callable[..., dict[str, int]]]] = {
    "anthropic": from_anthropic,
    "openai": from_openai,
    "google": from_google,
    "opentelemetry": from_otel,
}
CASES: Final = json.loads((ROOT / "sdk/adapter_cases.json").read_text())
HERE: Final = [case for case in CASES if case["adapter"] in ADAPTERS]
"""The AI SDK is TypeScript's alone."""


@pytest.mark.parametrize("case", HERE, ids=lambda case: case["name"])
def test_a_usage_is_read_as_by_the_other_client(case: dict[str, Any]) -> None:
    read = ADAPTERS[case["adapter"]]
    options = {"modalities": case["modalities"]} if "modalities" in case else {}
    if case.get("refused"):
        with pytest.raises(UnknownUsageError):
            read(case["usage"], **options)
    else:
        assert read(case["usage"], **options) == case["metrics"]
