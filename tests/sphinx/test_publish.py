"""Readers see whole sites only: after red builds, after killed ones, with two at once."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from mathforml.sphinx.publish import Book, recover

CELL = "```{{code-cell}}\n{}\n```\n"
SAME_PYTHON = """import sys
assert sys.executable == os.environ["EXPECTED"]
assert os.environ["OPENBLAS_NUM_THREADS"] == "1"
print({letter for letter in "abcdefgh"})"""
WAIT = """import time
while os.path.exists(os.environ.get("GATE", "/nowhere")):
    time.sleep(0.1)"""
NAMES = ["one", "three", "two"]


def lay_out(book: Any) -> None:
    """Write pages that cite each other, and run."""
    book.write("src/tiny/__init__.py", "def double(x):\n    return 2 * x\n")
    book.write("docs/index.md", "# Book\n\n```{toctree}\n:numbered:\none\ntwo\nthree\n```\n")
    book.page("one", f"(here)=\n## Here\n\nSee {{ref}}`there`.\n\n{CELL.format(SAME_PYTHON)}")
    index = "```{index} doubling\n```\n"
    book.page(
        "two", f"{index}(there)=\n## There\n\n```{{listing}} tiny.double\n```\n{CELL.format('1')}"
    )
    book.page("three", f"See {{ref}}`here`.\n\n{CELL.format(WAIT)}")


@pytest.fixture(scope="module")
def book(foreign: Any) -> Any:
    """Return a book that one process has built from nothing."""
    book = foreign("")
    lay_out(book)
    environment = {"EXPECTED": sys.executable, "GATE": str(book.root / "gate")}
    assert book.build("-j", "1", PYTHONHASHSEED="1", **environment) == (0, "", NAMES)
    return book


def start(book: Any) -> subprocess.Popen[str]:
    """Start a build that stops at page three; removing the gate lets it go on."""
    gate = book.write("gate", "")
    book.page("three", f"Changed. See {{ref}}`here`.\n\n{CELL.format(WAIT)}")
    book.runs.write_text("")
    process: subprocess.Popen[str] = book.start("-m", "mathforml.sphinx", "build", GATE=str(gate))
    limit = time.monotonic() + 60
    while "three" not in book.runs.read_text():
        assert time.monotonic() < limit
        time.sleep(0.1)
    return process


def test_two_clean_builds_are_identical_wherever_however_and_whoever_registered_kernels(
    book: Any, foreign: Any, tmp_path: Path
) -> None:
    kernel = tmp_path / "kernels/python3/kernel.json"
    kernel.parent.mkdir(parents=True)
    other = {"argv": ["/nowhere/python"], "display_name": "Other", "language": "python"}
    kernel.write_text(json.dumps(other))
    again = foreign("")
    lay_out(again)
    environment = {"JUPYTER_PATH": str(tmp_path), "JUPYTER_DATA_DIR": str(tmp_path)}
    environment |= {"EXPECTED": sys.executable, "GATE": str(again.root / "gate")}
    assert again.build("-j", "2", PYTHONHASHSEED="2", **environment) == (0, "", NAMES)
    assert again.site() == book.site()


def test_a_killed_build_leaves_the_site_and_what_it_had_done_does_not_count(book: Any) -> None:
    good = book.site()
    process = start(book)
    process.kill()
    (book.root / "gate").unlink()
    process.communicate()
    assert book.site() == good
    lay_out(book)
    assert book.build() == (0, "", [])
    assert book.site() == good
    assert b'"doubling":[[3,' in good["searchindex.js"]


def test_a_second_build_waits_for_the_first_and_says_so(book: Any) -> None:
    first = start(book)
    second = book.start("-m", "mathforml.sphinx", "build")
    said = second.stderr.readline()
    (book.root / "gate").unlink()
    assert said == "another build is running; waiting for it\n"
    assert "1 page executed" in first.communicate()[0]
    assert "0 pages executed" in second.communicate()[0]
    assert (first.returncode, second.returncode) == (0, 0)
    assert b"Changed." in book.site()["three.html"]


def test_a_new_title_and_a_lost_label_reach_the_pages_that_show_them(book: Any) -> None:
    book.page("one", "(here)=\n## A new title\n")
    assert book.build() == (0, "", ["one"])
    assert b"A new title" in book.site()["three.html"]
    book.page("one", "## No label\n")
    for _ in range(2):
        code, errors, _ = book.build()
        assert code == 1
        assert "docs/three.md:11: WARNING: undefined label: 'here'" in errors


@pytest.mark.parametrize(
    "left",
    [
        {"good/html/a": "new", "good/name": "2", "html/a": "old", "published": "1"},
        {"good.old/html/a": "new", "good.old/name": "2", "html/a": "old", "published": "1"},
        {"good/html/a": "new", "good/name": "2", "html.old/a": "old", "published": "1"},
        {"good/html/a": "new", "good/name": "2", "html.new/b": "half", "published": "2"},
    ],
)
def test_a_build_stopped_while_it_renamed_is_mended_by_the_next(
    tmp_path: Path, left: dict[str, str]
) -> None:
    for name, text in left.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    recover(Book(tmp_path, tmp_path, tmp_path / "html"))
    assert [path.name for path in (tmp_path / "html").iterdir()] == ["a"]
    assert (tmp_path / "html/a").read_text() == "new"
    assert (tmp_path / "published").read_text() == "2"
