"""One measurement, in the process that is its own."""

import importlib

from bench.figures import Figure, Line, Measurement


def measure(name: str, effort: float) -> list[Line]:
    """Prints each line of a measurement as it is known, and returns them all."""
    measurement: Measurement = importlib.import_module(f"bench.{name}").measure
    lines = []
    for line in measurement(effort):
        print(line.line() if isinstance(line, Figure) else f"  {line}", flush=True)
        lines.append(line)
    print(flush=True)
    return lines
