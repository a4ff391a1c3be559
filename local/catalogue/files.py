"""Writing the catalogue's files, and what a new build changes in them."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from local.catalogue.language_models import language_model_price_lists
from local.catalogue.services import service_price_lists
from metering.catalogue import DATA, SUFFIX, read_catalogue
from metering.catalogue.price_lists import Entry, PriceList, price_list_to_text


class Change(NamedTuple):
    """How a build's cards differ from those of the files before it, as rate ids."""

    added: list[str]
    changed: list[str]
    removed: list[str]


def build_price_lists() -> list[PriceList]:
    return [*language_model_price_lists(), *service_price_lists()]


def write_price_lists(price_lists: Iterable[PriceList], folder: Path = DATA) -> Change:
    """Writes one file a price list, removes the files of owners that are gone, and tells what changed."""
    before = _by_rate_id(read_catalogue(folder))
    texts = {_file_name(price_list): price_list_to_text(price_list) for price_list in price_lists}
    folder.mkdir(exist_ok=True)
    for stale in set(folder.glob(f"*{SUFFIX}")) - {folder / name for name in texts}:
        stale.unlink()
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return _change(before, _by_rate_id(read_catalogue(folder)))


def _file_name(price_list: PriceList) -> str:
    return price_list.owner.partition(":")[2] + SUFFIX


def _by_rate_id(entries: Iterator[Entry]) -> dict[str, Entry]:
    return {entry.card.rate_id: entry for entry in entries}


def _change(before: Mapping[str, Entry], after: Mapping[str, Entry]) -> Change:
    return Change(
        added=sorted(after.keys() - before.keys()),
        changed=sorted(
            rate_id for rate_id in after.keys() & before.keys() if after[rate_id].card != before[rate_id].card
        ),
        removed=sorted(before.keys() - after.keys()),
    )
