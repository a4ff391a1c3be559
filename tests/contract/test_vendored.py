"""What is vendored is what its README says, byte for byte, with its licence."""

import hashlib
import re

import pytest

from tests.template import ROOT

VENDOR = ROOT / "functions/serve_dashboard/static/vendor"
ROWS = re.findall(
    r"^\| `([^`]+)` \| \S+ \| [\d.]+ \| `[^`]+` \| (.*) \| `([0-9a-f]{64})` \|$",
    (VENDOR / "README.md").read_text(),
    re.MULTILINE,
)


def test_every_vendored_file_is_listed() -> None:
    files = {path.name for path in VENDOR.iterdir() if path.suffix in {".js", ".css"}}
    assert files == {name for name, _, _ in ROWS}


@pytest.mark.parametrize(("name", "licence", "checksum"), ROWS, ids=[name for name, _, _ in ROWS])
def test_a_vendored_file_is_as_its_package_has_it(name: str, licence: str, checksum: str) -> None:
    assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == checksum
    texts = re.findall(r"`(LICENSE\.\w+)`", licence)
    assert texts
    assert all((VENDOR / text).read_text() for text in texts)
