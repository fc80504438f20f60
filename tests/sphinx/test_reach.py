"""What a page can reach is found without running it: imports, data, and what it names."""

from pathlib import Path

import pytest

from mathforml.sphinx import reach
from mathforml.sphinx.reach import Sources, cells

CELL = "```{{code-cell}}\n{}\n```\n"


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    files = {
        "src/small/__init__.py": "",
        "src/small/deep/__init__.py": "",
        "src/small/deep/base.py": "import numpy\nTABLE = 'table.csv'\n",
        "src/small/deep/table.csv": "1",
        "src/small/deep/odd.py": "x = 7 \\\n  % 5\nfrom . import base\n",
        "src/small/top.py": "def later():\n    from .deep.base import TABLE\n",
        "docs/data/a.csv": "1",
        "docs/beside.py": "import small.top\n",
        "docs/script.py": "from small.deep import base\n",
        "docs/words.txt": "words",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.syspath_prepend(tmp_path / "src")
    return tmp_path


def reached(book: Path, text: str, suffix: str = ".md") -> set[str]:
    page = book / f"docs/page{suffix}"
    found = Sources(["small"]).page(text, page, book / "docs")
    return {path.relative_to(book).as_posix() for path in found}


BASE = {f"src/small/{name}" for name in ("__init__.py", "deep/__init__.py", "deep/base.py")}
BASE |= {"src/small/deep/table.csv"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("import small.deep.base", BASE),
        ("from small.deep import base as b", BASE),
        ("from small import top", {*BASE, "src/small/top.py"}),
        ("import small.deep.odd", {*BASE, "src/small/deep/odd.py"}),
        ("import small\nsmall.deep.base.TABLE", BASE),
        ("%matplotlib inline\nfrom small.deep import base\nbase?", BASE),
        ("import numpy, os.path, nowhere", set()),
        ("import beside", {*BASE, "docs/beside.py", "src/small/top.py"}),
        ("%run script.py", {*BASE, "docs/script.py"}),
        ("!cat words.txt", {"docs/words.txt"}),
        ("open('words.txt'), Path('data') / 'a.csv', ''", {"docs/words.txt", "docs/data"}),
        (":load: script.py", {*BASE, "docs/script.py"}),
        ("---\ntags: [x]\n---\nimport small.deep.base", BASE),
        ("def broken(:", set()),
    ],
)
def test_a_cell_reaches_what_it_imports_runs_and_reads(
    book: Path, text: str, found: set[str]
) -> None:
    assert reached(book, CELL.format(text)) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("```{listing} small.deep.base.TABLE\n```", BASE),
        (".. automodule:: small.deep.base\n   :members:", BASE),
        ("Prose on `small.deep.base` or {py:func}`small.deep.base.f`.", set()),
    ],
)
def test_a_page_reaches_what_its_directives_name_and_not_what_it_speaks_of(
    book: Path, text: str, found: set[str]
) -> None:
    assert reached(book, text) == found


def test_cells_are_found_in_every_fence_and_in_notebooks() -> None:
    text = "~~~{code-cell} ipython3\na\n~~~\n\n````{code-cell}\n```\nb\n````\n\n```python\nc\n```\n"
    assert cells(text, ".md") == ["a\n", "```\nb\n"]
    notebook = (
        '{"cells": [{"cell_type": "code", "source": ["a\\n", "b"]}, {"cell_type": "markdown"}]}'
    )
    assert cells(notebook, ".ipynb") == ["a\nb"]


def test_a_package_that_is_not_there_is_watched_in_vain() -> None:
    assert Sources(["no_such_package"]).closure(["no_such_package.f"]) == set()


def test_what_was_read_is_remembered_until_the_rules_of_reading_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "read.json"
    monkeypatch.setattr(reach, "READ", {})
    first = reach.read("import a.b\nopen('c.txt')", "")
    assert first == ({"a", "a.b"}, {"c.txt"})
    reach.remember(file)
    monkeypatch.setattr(reach, "READ", {})
    reach.recall(file)
    with monkeypatch.context() as patch:
        patch.setattr(reach, "parsed", lambda source: pytest.fail("parsed again"))
        assert reach.read("import a.b\nopen('c.txt')", "") == first
        patch.setattr(reach, "OWN", "other rules")
        with pytest.raises(pytest.fail.Exception):
            reach.read("import a.b\nopen('c.txt')", "")
    file.write_text("{")
    reach.recall(file)
    assert reach.read("import a.b\nopen('c.txt')", "") == first
