"""`python -m bench [NAME ...] [--json FILE] [--effort SHARE]` prints every figure beside its bound.

It ends with exit code 1 if one is over.

Each measurement runs in a process of its own, so that none warms another's caches or imports.
"""

import argparse
import json
import multiprocessing
import os
import platform
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from bench.figures import Figure, Line
from bench.measuring import measure

MEASUREMENTS = (
    "callback",
    "start",
    "writes",
    "costs",
    "pricing",
    "rollup",
    "views",
    "batch",
    "load",
    "project_budget",
    "export",
)


def main() -> int:
    options = _options()
    print(f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores\n")
    found = {name: _run(name, options.effort) for name in options.names or MEASUREMENTS}
    if options.json:
        options.json.write_text(json.dumps(_document(found), indent=2) + "\n")
    figures = [line for lines in found.values() for line in lines if isinstance(line, Figure)]
    return 1 if any(figure.verdict == "over" for figure in figures) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description="Measurements, as ratios where they can be.")
    parser.add_argument("names", nargs="*", choices=[[], *MEASUREMENTS], metavar="NAME", help=", ".join(MEASUREMENTS))
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write the figures as JSON as well")
    parser.add_argument("--effort", type=float, default=1, metavar="SHARE", help="0.1: a tenth of the usual rounds")
    return parser.parse_args()


def _run(name: str, effort: float) -> list[Line]:
    print(name, flush=True)
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        return process.submit(measure, name, effort).result()


def _document(found: dict[str, list[Line]]) -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "measurements": {
            name: [
                {**line._asdict(), "verdict": line.verdict} if isinstance(line, Figure) else {"note": line}
                for line in lines
            ]
            for name, lines in found.items()
        },
    }


if __name__ == "__main__":
    sys.exit(main())
