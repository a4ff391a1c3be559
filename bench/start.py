"""Import and set-up of record_usage against those of boto3 with a client of DynamoDB, in fresh processes by turns."""

import os
import subprocess
import sys
from collections.abc import Iterator

from bench.figures import Figure, Line
from bench.unconnected import VARIABLES

ROUNDS = 15
BOTO3 = "import boto3; boto3.client('dynamodb')"
OURS = "import functions.record_usage.app"


def measure(effort: float) -> Iterator[Line]:
    rounds = max(int(ROUNDS * effort), 5)
    # The first round compiles and does not count. The least is what the code takes; the rest is what disturbs it.
    times = [(_seconds(OURS), _seconds(BOTO3)) for _ in range(rounds + 1)][1:]
    ours, theirs = (min(column) for column in zip(*times, strict=True))
    yield Figure("CPU of record_usage's import and set-up ÷ boto3's with a client", ours / theirs, "×", most=1.5)
    yield Figure("  of record_usage's", ours * 1000, "ms")
    yield Figure("  of boto3's", theirs * 1000, "ms")


def _seconds(code: str) -> float:
    """The CPU of a process that runs `code`, without the interpreter's own start."""
    program = f"import time; begun = time.process_time(); {code}; print(time.process_time() - begun)"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=os.environ | VARIABLES, capture_output=True, text=True, check=True)  # noqa: S603  # ours
    return float(done.stdout)
