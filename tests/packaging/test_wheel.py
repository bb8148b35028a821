"""What is in the wheel, and what is not."""

import re
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

import tagrouter

REPOSITORY = Path(__file__).parents[2]
PACKAGES = {"tagrouter", "langchain_tagrouter", "llamaindex_tagrouter"}
MAX_BYTES = 35 * 1024 * 1024
PUBLISHED_ASSETS = {".json", ".csv", ".onnx", ".safetensors"}


@pytest.fixture
def metadata(wheel, wheel_names):
    (name,) = [name for name in wheel_names if name.endswith(".dist-info/METADATA")]
    return Parser().parsestr(zipfile.ZipFile(wheel).read(name).decode())


def test_wheel_installs_three_packages_and_nothing_beside_them(wheel_names):
    tops = {name.split("/")[0] for name in wheel_names}
    assert {top for top in tops if not top.endswith(".dist-info")} == PACKAGES


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_wheel_says_that_each_package_is_typed(wheel_names, package):
    assert f"{package}/py.typed" in wheel_names


def test_wheel_holds_every_module_and_asset_of_the_working_tree(wheel_names):
    folders = {"tagrouter": REPOSITORY / "shared" / "tagrouter"}
    folders |= {name: REPOSITORY / name for name in PACKAGES - {"tagrouter"}}
    expected = {
        f"{package}/{path.relative_to(folder).as_posix()}"
        for package, folder in folders.items()
        for path in folder.rglob("*")
        if path.suffix in {".py", *PUBLISHED_ASSETS}
    }
    assert expected <= set(wheel_names)


def test_wheel_holds_network_vocabulary_and_both_profiles(wheel_names):
    inside = "\n".join(wheel_names)
    assert re.search(r"^tagrouter/tags/assets/.+\.onnx$", inside, re.M)
    for profile in ("tiers", "alpaca_eval"):
        assert f"tagrouter/profiles/{profile}/profile.json" in wheel_names
        assert f"tagrouter/profiles/{profile}/evidence.csv" in wheel_names


def test_wheel_has_neither_training_data_nor_pickles_nor_caches(wheel_names):
    foreign = re.compile(r"corpus/|\.jsonl|\.pkl$|\.pickle$|\.pt$|\.bin$|__pycache__|\.pyc$")
    assert [name for name in wheel_names if foreign.search(name)] == []


def test_wheel_carries_license_and_notice(wheel_names):
    carried = {name.rsplit("/", 1)[1] for name in wheel_names if ".dist-info/licenses/" in name}
    assert carried == {"LICENSE", "NOTICE"}


def test_wheel_is_at_most_35_mebibytes(wheel):
    assert wheel.stat().st_size <= MAX_BYTES


def test_version_is_that_of_the_package(metadata):
    assert metadata["Version"] == tagrouter.__version__


def test_license_is_apache_2(metadata):
    assert metadata["License-Expression"] == "Apache-2.0"


def test_extras_are_those_that_messages_name(metadata):
    extras = {"langchain", "llamaindex", "transformers", "train", "eval", "all", "dev"}
    assert set(metadata.get_all("Provides-Extra")) == extras


def test_all_has_every_other_extra_but_dev():
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    (everything,) = extras["all"]
    assert everything == f"tagrouter[{','.join(sorted(extras.keys() - {'all', 'dev'}))}]"


def test_base_install_needs_neither_torch_nor_a_framework(metadata):
    base = [need for need in metadata.get_all("Requires-Dist") if "extra ==" not in need]
    names = {re.match(r"[\w.-]+", need)[0] for need in base}
    assert names == {"numpy", "onnxruntime", "rich", "safetensors", "tenacity", "tokenizers"}


def test_command_is_installed(wheel, wheel_names):
    (name,) = [name for name in wheel_names if name.endswith("entry_points.txt")]
    points = zipfile.ZipFile(wheel).read(name).decode()
    assert "tagrouter = tagrouter.cli.main:main" in points
