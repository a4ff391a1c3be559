"""docs/api.md is what the OpenAPI document says."""

import re

from local.documents.api_reference import PAGE, page
from metering.http.operations import BY_ROUTE
from tests.documents import OPENAPI


def test_the_page_is_current() -> None:
    assert PAGE.read_text() == page(), "run python -m local.documents.api_reference"


def test_every_operation_and_object_has_its_heading() -> None:
    headings = re.findall(r"^### `?(.+?)`?$", page(), re.MULTILINE)
    assert sorted(headings) == sorted([*BY_ROUTE, *OPENAPI["components"]["schemas"]])


def test_every_link_to_an_object_leads_to_one() -> None:
    names = {name.lower() for name in OPENAPI["components"]["schemas"]}
    assert set(re.findall(r"\]\(#([^)]+)\)", page())) <= names
