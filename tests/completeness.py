"""What is tested only where a tool is there that the project does not install by itself."""

import os
from typing import NoReturn

import pytest


def leave_out(sentence: str) -> NoReturn:
    """Skip with what is left out and how to get it. Where everything is asked for, as by CI, fail."""
    if os.environ.get("METERING_COMPLETE"):
        pytest.fail(sentence)
    pytest.skip(sentence)
