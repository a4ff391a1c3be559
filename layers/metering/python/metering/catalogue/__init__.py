"""The default rate cards as data: one file a provider, one line a price of a model from a date.

`metering rates build` writes the files, from the genai-prices package and from `sources/service_rates.json`;
`metering rates import` puts the cards that they list into a table.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from metering.catalogue.price_lists import Entry, price_list_from_text

DATA: Final = Path(__file__).parent / "data"
SUFFIX: Final = ".jsonl"


def read_catalogue(folder: Path = DATA) -> Iterator[Entry]:
    """Every card of the catalogue with where its prices come from, in order of the files' names."""
    for file in sorted(folder.glob(f"*{SUFFIX}")):
        yield from price_list_from_text(file.read_text(encoding="utf-8")).entries()
