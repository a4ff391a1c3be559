"""What `sam build` made is what Lambda can run. `make template` builds first and then runs this."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.template import ROOT, Template, target

BUILD = ROOT / ".aws-sam/build"
AARCH64 = 183
MACHINE = slice(18, 20)
"""Where an ELF file names the machine that it is for."""
MEGABYTE = 1_000_000
LAYERS = list(Template().of_type("AWS::Serverless::LayerVersion"))
LAMBDA_TAKES = 250 * 1024 * 1024
"""Bytes of a function and all its layers, unpacked."""
DASHBOARD = "ServeDashboard"
PROVIDED_BY_LAMBDA = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3")

pytestmark = pytest.mark.skipif(not (BUILD / "template.yaml").exists(), reason="nothing is built: make template")


@pytest.fixture(scope="module")
def layer() -> Path:
    return BUILD / "MeteringLayer/python"


def files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("name", LAYERS)
def test_native_modules_are_for_the_functions_runtime_and_machine(name: str) -> None:
    version = Template().content["Globals"]["Function"]["Runtime"].removeprefix("python").replace(".", "")
    native = [*(BUILD / name).rglob("*.so"), *(BUILD / name).rglob("*.so.*")]
    assert native
    for module in native:
        if not module.name.startswith("lib") or ".cpython-" in module.name:
            assert f".cpython-{version}-aarch64-" in module.name or ".abi3." in module.name
        assert int.from_bytes(module.read_bytes()[MACHINE], "little") == AARCH64


@pytest.mark.parametrize("name", Template().functions())
def test_a_function_with_its_layers_is_no_larger_than_lambda_takes(name: str) -> None:
    parts = [BUILD / name, *(BUILD / str(target(layer)) for layer in Template().functions()[name]["Layers"])]
    assert sum(path.stat().st_size for part in parts for path in files(part)) < LAMBDA_TAKES / 2


def test_the_layer_is_importable_as_it_lies_and_leaves_out_what_lambda_has(layer: Path) -> None:
    names = {path.name for path in layer.iterdir()}
    assert {"metering", "pydantic", "aws_lambda_powertools"} <= names
    assert not {"boto3", "botocore", "bin", "tests"} & names


def test_the_layer_is_small_enough_to_start_quickly(layer: Path) -> None:
    assert sum(path.stat().st_size for path in files(layer)) < 25 * MEGABYTE


def test_a_function_is_its_handler_and_nothing_else() -> None:
    for name in Template().functions():
        if name != DASHBOARD:
            assert {path.suffix for path in files(BUILD / name)} == {".py"}


def test_the_dashboards_function_has_its_files() -> None:
    source, built = ROOT / Template().functions()[DASHBOARD]["CodeUri"] / "static", BUILD / DASHBOARD / "static"
    kept = {path.relative_to(source): path.read_bytes() for path in files(source)}
    assert {path.relative_to(built): path.read_bytes() for path in files(built)} == kept


@pytest.fixture(scope="module")
def python() -> str:
    """Lambda's Python if there is one here, else the one that runs this: the layer is then built for it."""
    deployed = Template().content["Globals"]["Function"]["Runtime"]
    try:
        subprocess.run([deployed, "-c", ""], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return sys.executable
    return deployed


@pytest.fixture(scope="module")
def layers(python: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each layer, with wheels that load on this machine."""
    version = [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    settings = {
        "PYTHON": sys.executable,
        "RUNTIME": subprocess.run(version, check=True, capture_output=True, text=True).stdout.strip(),
        "ARCHITECTURE": os.uname().machine,
    }
    made = {}
    for layer, properties in Template().of_type("AWS::Serverless::LayerVersion").items():
        folder = tmp_path_factory.mktemp(layer)
        given = [f"{name}={value}" for name, value in {**settings, "ARTIFACTS_DIR": str(folder)}.items()]
        build = ["make", "-C", str(ROOT / properties["ContentUri"]), f"build-{layer}"]
        subprocess.run([*build, *given], check=True, capture_output=True)
        made[layer] = folder / "python"
    return made


@pytest.fixture(scope="module")
def provided(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What Lambda brings."""
    folder = tmp_path_factory.mktemp("provided")
    [installed] = [Path(entry) for entry in sys.path if Path(entry, "boto3").is_dir()]
    for name in PROVIDED_BY_LAMBDA:
        [found] = [path for path in installed.iterdir() if path.stem == name]
        (folder / found.name).symlink_to(found)
    return folder


@pytest.mark.parametrize("name", Template().functions())
def test_a_built_handler_imports_with_its_layers_and_lambda_alone(
    name: str, python: str, layers: dict[str, Path], provided: Path
) -> None:
    its_own = [layers[str(target(layer))] for layer in Template().functions()[name]["Layers"]]
    settings = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": ":".join(map(str, [BUILD / name, *its_own, provided])),
        "AWS_DEFAULT_REGION": "us-east-1",
        "POWERTOOLS_SERVICE_NAME": "meterstone",
        "POWERTOOLS_METRICS_NAMESPACE": "Meterstone",
    }
    asked = [python, "-S", "-P", "-B", "-c", "import app; assert callable(app.handler)"]
    answered = subprocess.run(asked, env=settings, capture_output=True, text=True, check=False)
    assert answered.returncode == 0, answered.stderr
