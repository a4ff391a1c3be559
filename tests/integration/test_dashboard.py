"""The dashboard's files as its function serves them; tests/browser looks at them in a browser."""

import base64
import gzip
import re
from typing import Any

import pytest

from tests.integration.api import Context, app_of
from tests.template import ROOT

FILES = ROOT / "functions/serve_dashboard/static"
APP = app_of("serve_dashboard")


ISSUER = "https://login.example.com/realms/one"


@pytest.fixture(autouse=True)
def _without_a_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    provide(monkeypatch, "")


def provide(monkeypatch: pytest.MonkeyPatch, issuer: str, token_origin: str = "") -> None:
    """As parameters of the template name an identity provider."""
    monkeypatch.setenv("OIDC_ISSUER", issuer)
    monkeypatch.setenv("OIDC_TOKEN_ORIGIN", token_origin)


def get(file: str | None = None, **headers: str) -> dict[str, Any]:
    """The answer to a request for a file, or for the page."""
    event: dict[str, Any] = {"headers": {name.replace("_", "-"): value for name, value in headers.items()}}
    if file is not None:
        event["pathParameters"] = {"proxy": file}
    answer: dict[str, Any] = APP.handler(event, Context(15))
    return answer


def test_the_page_names_files_under_a_path_that_changes_with_them() -> None:
    page = get()
    assert (page["statusCode"], page["headers"]["content-type"]) == (200, "text/html; charset=utf-8")
    assert page["headers"]["cache-control"] == "no-cache"
    paths = re.findall(r'(?:href|src)="dashboard/([^"]+)"', page["body"])
    assert paths
    for path in paths:
        answer = get(path)
        assert answer["statusCode"] == 200
        assert answer["headers"]["cache-control"] == "public, max-age=31536000, immutable"
        assert answer["body"] == (FILES / path.partition("/")[2]).read_text()


def test_a_module_imports_what_is_there_and_by_relative_paths() -> None:
    for module in FILES.rglob("*.js"):
        for path in re.findall(r"""^(?:import|export) [^"']*?from "([^"]+)";$""", module.read_text(), re.MULTILINE):
            assert path.startswith("."), module
            assert (module.parent / path).is_file(), module


def test_files_of_another_version_are_not_kept() -> None:
    answer = get("0000000000000000/main.js")
    assert (answer["statusCode"], answer["headers"]["cache-control"]) == (200, "no-cache")


def policy_of(headers: dict[str, str]) -> dict[str, str]:
    return dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))


@pytest.mark.parametrize("file", [None, "x/main.js", "x/styles/base.css", "x/icon.svg"])
def test_every_answer_has_the_policy(file: str | None) -> None:
    headers = get(file)["headers"]
    policy = policy_of(headers)
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert {policy[source] for source in ("script-src", "style-src", "img-src", "connect-src")} == {"'self'"}
    assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer")


@pytest.mark.parametrize(
    ("issuer", "token_origin", "asked"),
    [
        (ISSUER, "", "'self' https://login.example.com"),
        ("http://127.0.0.1:8080", "", "'self' http://127.0.0.1:8080"),
        (ISSUER, "https://tokens.example.com", "'self' https://login.example.com https://tokens.example.com"),
        (ISSUER, "https://login.example.com", "'self' https://login.example.com"),
        ("", "https://tokens.example.com", "'self'"),
    ],
)
def test_the_page_may_ask_the_identity_provider_and_nothing_else_changes(
    monkeypatch: pytest.MonkeyPatch, issuer: str, token_origin: str, asked: str
) -> None:
    usual = policy_of(get()["headers"])
    provide(monkeypatch, issuer, token_origin)
    assert policy_of(get()["headers"]) == {**usual, "connect-src": asked}


def test_who_has_the_page_under_another_policy_gets_it_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    tag = get()["headers"]["etag"]
    provide(monkeypatch, ISSUER)
    assert get(if_none_match=tag)["statusCode"] == 200


def test_the_page_has_nothing_inline_and_nothing_of_others() -> None:
    text = (FILES / "index.html").read_text()
    assert not re.search(r"<style|style=|\son\w+=|https?:", text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))


@pytest.mark.parametrize("file", [None, "x/vendor/uPlot.esm.js"])
def test_who_takes_gzip_gets_it(file: str | None) -> None:
    packed, plain = get(file, accept_encoding="gzip, deflate, br"), get(file)
    assert packed["isBase64Encoded"] is True
    assert packed["headers"]["content-encoding"] == "gzip"
    assert packed["headers"]["vary"] == plain["headers"]["vary"] == "accept-encoding"
    assert "content-encoding" not in plain["headers"]
    assert gzip.decompress(base64.b64decode(packed["body"])).decode() == plain["body"]


@pytest.mark.parametrize("file", [None, "x/main.js"])
def test_who_has_a_file_already_is_told_so(file: str | None) -> None:
    tag = get(file)["headers"]["etag"]
    again = get(file, if_none_match=f'"another", {tag}')
    assert (again["statusCode"], again["headers"]["etag"]) == (304, tag)
    assert "body" not in again
    assert get(file, if_none_match='"another"')["statusCode"] == 200


@pytest.mark.parametrize(
    "file", ["x/nothing.js", "main.js", "x/../app.py", "x/index.html", "x/vendor/README.md", "x/", "x//main.js", "/"]
)
def test_there_are_no_other_files(file: str) -> None:
    answer = get(file)
    assert (answer["statusCode"], answer["headers"]["content-type"]) == (404, "application/problem+json")
