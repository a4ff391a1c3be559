"""API keys: their form, and that only a hash of their secret is kept."""

import hashlib

import pytest

from metering.domain.accounts import hash_secret, matches, new_id, new_key_text, read_key


def test_a_fresh_key_has_the_form_of_a_key() -> None:
    key_id = new_id()
    presented = read_key(new_key_text(key_id))
    assert presented
    assert presented.key_id == key_id
    assert len(presented.secret) == 43


def test_no_two_keys_are_alike() -> None:
    assert len({new_key_text(new_id()) for _ in range(100)}) == 100


def test_a_secret_matches_its_own_hash_alone() -> None:
    kept = hash_secret("secret")
    assert kept == hashlib.sha256(b"secret").hexdigest()
    assert matches("secret", kept)
    assert not matches("Secret", kept)
    assert not matches("", kept)
    assert not matches("secret", "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "mk_",
        "mk_abcdefghijkl_",
        f"mk_abcdefghijk_{'x' * 43}",
        f"mk_abcdefghijkl_{'x' * 42}",
        f"mk_abcdefghijkl_{'x' * 44}",
        f"mk_ABCDEFGHIJKL_{'x' * 43}",
        f"mk_abcdefghijkl_{'x' * 42}é",
        f"mk_abcdefghijkl_{'x' * 43}\n",
        f" mk_abcdefghijkl_{'x' * 43}",
        f"sk_abcdefghijkl_{'x' * 43}",
    ],
)
def test_other_texts_are_no_project_keys(text: str) -> None:
    assert read_key(text) is None
