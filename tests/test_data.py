"""Data lie in one folder, each with its source, its terms, and a checksum that holds."""

import hashlib
import re
import tomllib
from pathlib import Path

import pytest
import sklearn

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs/data"
TABLE = (FOLDER / "README.md").read_text("utf-8")
ROW = re.compile(r"^\| \[`(.+?)`\]\(#(\w+)\) \| .+? \| (\d+) \| `([0-9a-f]{64})` \|$", re.MULTILINE)
ROWS = ROW.findall(TABLE)


def find(name: str) -> Path:
    """Return where a file of the table lies."""
    if name.startswith("sklearn/"):
        return Path(sklearn.__file__).parents[1] / name
    return ROOT / name


def test_every_row_of_the_table_is_read():
    assert len(ROWS) == len(re.findall(r"^\| \[", TABLE, re.MULTILINE)) >= 3


@pytest.mark.parametrize(("name", "_", "size", "checksum"), ROWS)
def test_a_file_is_the_one_that_the_table_describes(name, _, size, checksum):
    if not find(name).exists() and name.startswith("docs/"):
        pytest.skip("the pages run without it")
    content = find(name).read_bytes()
    assert len(content) == int(size)
    assert hashlib.sha256(content).hexdigest() == checksum


def test_every_stored_file_stands_in_the_table():
    stored = {f"docs/data/{path.name}" for path in FOLDER.iterdir()} - {"docs/data/README.md"}
    assert stored <= {name for name, *_ in ROWS}


@pytest.mark.parametrize(("name", "anchor"), [row[:2] for row in ROWS])
def test_every_file_has_a_section_that_tells_its_source(name, anchor):
    assert f"\n## {anchor.capitalize()}\n" in TABLE, name


def test_real_customers_come_with_their_source_and_both_terms():
    section = TABLE.split("## Caravan")[1].split("\n## ")[0]
    for words in ("Sentient Machine Research", "Technical Report 2000-09", "CC BY 4.0"):
        assert words in section
    assert "non-commercial research and education only" in section


def test_the_wheel_holds_the_package_and_no_data():
    build = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]
    assert build["targets"]["wheel"]["packages"] == ["src/mathforml"]
    suffixes = {path.suffix for path in (ROOT / "src").rglob("*") if path.is_file()}
    assert not suffixes & {".csv", ".gz", ".npz", ".npy", ".parquet"}
