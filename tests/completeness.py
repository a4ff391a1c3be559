"""What is tested only where a tool is there that the project does not install by itself."""

import os
from typing import NoReturn

import pytest


def leave_out(sentence: str) -> NoReturn:
    """Skip, with a sentence that says what is left out and how to get it; fail where everything is asked for, as by CI."""
    if os.environ.get("METERING_COMPLETE"):
        pytest.fail(sentence)
    pytest.skip(sentence)
