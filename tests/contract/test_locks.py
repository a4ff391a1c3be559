"""The locks pin what pyproject.toml asks for, and all of them the same releases."""

import re
import tomllib
from typing import Any

import pytest
from packaging.requirements import Requirement

from tests.template import ROOT

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
RUN, DEVELOP, LAYER = "requirements.lock", "requirements-dev.lock", "layers/metering/requirements.txt"
PARQUET = "layers/parquet/requirements.txt"
ALL = [RUN, DEVELOP, LAYER, PARQUET, "requirements-sam.lock", "requirements-recipes.lock"]


def pins(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ]+)", (ROOT / lock).read_text(), re.MULTILINE))


def asked(*extras: str) -> list[Requirement]:
    optional = PROJECT["project"]["optional-dependencies"]
    listed = [*PROJECT["build-system"]["requires"], *PROJECT["project"]["dependencies"]]
    return [Requirement(line) for line in (*listed, *(line for extra in extras for line in optional[extra]))]


@pytest.mark.parametrize(("lock", "extras"), [(RUN, ["local", "parquet"]), (DEVELOP, ["local", "parquet", "dev"])])
def test_a_lock_satisfies_the_project(lock: str, extras: list[str]) -> None:
    for requirement in asked(*extras):
        pinned = pins(lock).get(requirement.name.lower())
        assert pinned, f"{requirement} is not in {lock}: make lock"
        assert requirement.specifier.contains(pinned), f"{lock} has {pinned}: make lock"


@pytest.mark.parametrize("lock", [DEVELOP, LAYER, PARQUET])
def test_tests_and_lambda_run_the_releases_of_the_local_cloud(lock: str) -> None:
    shared = pins(lock).keys() & pins(RUN).keys()
    assert {name: pins(lock)[name] for name in shared} == {name: pins(RUN)[name] for name in shared}


def test_the_layer_brings_all_that_lambda_does_not() -> None:
    brought = {requirement.name for requirement in map(Requirement, PROJECT["project"]["dependencies"])} - {"boto3"}
    assert brought <= pins(LAYER).keys()
    assert not {"boto3", "botocore"} & pins(LAYER).keys()


def test_the_layer_of_parquet_brings_what_its_extra_asks_for_and_nothing_else() -> None:
    asked_for = PROJECT["project"]["optional-dependencies"]["parquet"]
    assert pins(PARQUET).keys() == {Requirement(line).name for line in asked_for}


@pytest.mark.parametrize("lock", ALL)
def test_a_lock_names_no_index_and_hashes_every_file(lock: str) -> None:
    lines = (ROOT / lock).read_text().splitlines()
    assert not [line for line in lines if "://" in line or line.startswith("--")]
    pinned = [line for line in lines if re.match(r"[a-z0-9-]+==", line)]
    assert pinned
    assert all(line.endswith("\\") for line in pinned)
