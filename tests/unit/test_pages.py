"""Pages and cursors: nothing is skipped or shown twice, and a cursor that is not ours is refused, never believed."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metering.domain.errors import MalformedRequestError
from metering.http.pages import MOST_PAGE_BYTES, page_of, read_cursor, take, write_cursor

printable = st.text(min_size=1, max_size=200).filter(str.isprintable)


def encode(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


@given(st.text("abc", min_size=1), st.lists(printable, min_size=1, max_size=3))
def test_a_cursor_is_read_back_for_its_own_list(name: str, places: list[str]) -> None:
    cursor = write_cursor(name, places)
    assert read_cursor(name, cursor, len(places)) == places
    assert cursor.isascii()
    assert "=" not in cursor
    for other, length in ((f"{name}x", len(places)), (name, len(places) + 1)):
        with pytest.raises(MalformedRequestError, match="another list"):
            read_cursor(other, cursor, length)


def test_the_longest_place_of_four_byte_characters_fits_into_a_query() -> None:
    assert len(write_cursor("rates", ["p" * 63, f"provider:{'v' * 64}", f"{'🜚' * 200}#{'2026-11-24'}"])) <= 2000


def test_without_a_cursor_there_is_no_place() -> None:
    assert read_cursor("records", None, 1) is None


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "!",
        "é",
        "x",
        "xx",
        "bm90IGpzb24",
        "\x00",
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
        base64.urlsafe_b64encode(b"[" * 1400).decode(),
        base64.urlsafe_b64encode(b'{"a":' * 250).decode(),
        encode(None),
        encode(1),
        encode({}),
        encode([]),
        encode(["records"]),
        encode(["records", 1]),
        encode(["records", None]),
        encode(["records", ["x"]]),
        encode(["records", ""]),
        encode(["records", "a\nb"]),
        encode(["records", "\ud800"]),
        encode(["records", "x" * 1001]),
        encode(["records", "🜚" * 251]),
        encode(["records", "a", "b"]),
        encode(["other", "a"]),
    ],
)
def test_what_is_no_cursor_of_this_list_is_malformed(cursor: str) -> None:
    with pytest.raises(MalformedRequestError):
        read_cursor("records", cursor, 1)


@given(st.text())
def test_no_text_makes_reading_a_cursor_fail_otherwise(cursor: str) -> None:
    with pytest.raises(MalformedRequestError):
        read_cursor("records", cursor, 1)


@given(st.integers(0, 20), st.integers(1, 20))
def test_pages_put_together_are_the_list(length: int, limit: int) -> None:
    rows = [f"{number:02d}" for number in range(length)]
    found: list[dict[str, Any]] = []
    after = ""
    while True:
        page = page_of(
            "rows",
            iter([row for row in rows if row > after]),
            limit,
            answer=lambda row: {"row": row},
            places=lambda row: [row],
        )
        found += page["items"]
        assert len(page["items"]) == limit or page["nextCursor"] is None
        places = read_cursor("rows", page["nextCursor"], 1)
        if places is None:
            break
        [after] = places
    assert [item["row"] for item in found] == rows


def test_a_page_of_large_rows_ends_before_it_outgrows_an_answer() -> None:
    row = "x" * (MOST_PAGE_BYTES // 4)
    page = page_of("rows", [row] * 10, 10, answer=lambda text: {"row": text}, places=lambda _: ["place"])
    assert len(page["items"]) == 3
    assert page["nextCursor"]


def test_a_page_has_a_row_however_large_it_is() -> None:
    rows = ["x" * MOST_PAGE_BYTES] * 2
    page = page_of("rows", rows, 10, answer=lambda text: {"row": text}, places=lambda _: ["place"])
    assert len(page["items"]) == 1


def test_what_is_not_ascii_counts_as_lambda_writes_it() -> None:
    row = "🜚" * (MOST_PAGE_BYTES // 12 // 2)
    page = page_of("rows", [row] * 3, 10, answer=lambda text: {"row": text}, places=lambda _: ["place"])
    assert len(page["items"]) == 1


@pytest.mark.parametrize(("length", "more"), [(0, False), (2, False), (3, False), (4, True)])
def test_taking_rows_tells_whether_there_are_more(length: int, *, more: bool) -> None:
    assert take(range(length), 3) == (list(range(min(length, 3))), more)
