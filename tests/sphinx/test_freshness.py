"""An output is shown only if all that it came from is unchanged; nothing else runs again.

The tests follow one book through its changes; each leaves it built.
"""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

import mathforml
from mathforml.sphinx import records

CELL = "```{{code-cell}}\n{}\n```\n"
RELU = 'def relu(x):\n    """Return the positive part."""\n    return max(x, 0)\n'
PAGES = {
    "alone": "It speaks of `tiny.f.relu` and uses nothing.",
    "beside": CELL.format("import helper\n\nprint(helper.ANSWER)"),
    "declared": "What it reads stands in conf.py.",
    "deep": CELL.format("from tiny import g"),
    "drawn": CELL.format(
        "---\nmystnb:\n  image: {alt: A line that rises}\n---\nfrom IPython.display import SVG\n"
        "SVG(\"<svg xmlns='http://www.w3.org/2000/svg'><path d='M0 0 9 9'/></svg>\")"
    ),
    "included": "```{include} words.txt\n```\n",
    "shows": "```{listing} tiny.f.relu\n```\n",
    "table": CELL.format('print(open("data.csv").read())'),
    "uses": CELL.format("from tiny.f import relu\n\ny = relu(-1)\nassert y == 0"),
}


@pytest.fixture(scope="module")
def book(foreign: Any) -> Any:
    """Return a book that has been built: pages that import, show, read, and one that does not."""
    book = foreign("mathforml_data = {'declared': ['raw/*.txt']}")
    for path in ("src/tiny/__init__.py", "src/tiny/depth.py", "docs/data.csv", "docs/words.txt"):
        book.write(path, "")
    book.write("src/tiny/f.py", RELU)
    book.write("src/tiny/g.py", "def later():\n    from .depth import floor\n")
    book.write("docs/helper.py", "ANSWER = 42\n")
    book.write("docs/index.md", "# Book\n\n```{toctree}\n:glob:\n*\n```\n")
    for name, text in PAGES.items():
        book.page(name, text)
    assert book.build() == (0, "", sorted(PAGES))
    return book


def test_a_bent_function_is_red_twice_and_green_when_mended_and_only_what_uses_it_runs(
    book: Any,
) -> None:
    good = book.site()
    book.write("src/tiny/f.py", RELU.replace("max(x, 0)", "max(x, 0) - 1"))
    code, errors, ran = book.build()
    assert code == 1
    assert 'docs/uses.md:15 cell "y": AssertionError: assert y == 0' in errors
    assert ran == ["shows", "uses"]
    assert book.site() == good
    code, errors, ran = book.build()
    assert code == 1
    assert errors.count("AssertionError") == 1
    assert ran == ["uses"]
    assert book.site() == good
    book.write("src/tiny/f.py", RELU)
    assert book.build() == (0, "", ["shows", "uses"])
    assert book.site() == good


def test_files_that_were_only_touched_run_nothing(book: Any) -> None:
    good = book.site()
    for path in book.root.rglob("*.*"):
        path.touch()
    assert book.build() == (0, "", [])
    assert book.site() == good


def test_text_data_includes_and_modules_count_however_old_they_say_they_are(book: Any) -> None:
    changed = [
        book.page("alone", "Other words."),
        book.write("docs/data.csv", "1,2\n"),
        book.write("docs/helper.py", "ANSWER = 43\n"),
        book.write("docs/raw/new.txt", "new"),
        book.write("docs/words.txt", "included words"),
        book.write("src/tiny/depth.py", "floor = 0\n"),
    ]
    for path in changed:
        os.utime(path, (1e9, 1e9))
    assert book.build() == (0, "", ["alone", "beside", "declared", "deep", "included", "table"])
    site = book.site()
    assert b"Other words" in site["alone.html"]
    assert b"43" in site["beside.html"]
    assert b"included words" in site["included.html"]


def test_what_changed_is_known_before_sphinx_begins(book: Any) -> None:
    def outdated() -> list[str]:
        found = records.outdated(book.root / "build/good/doctrees", book.root / "docs")
        return [page.stem for page in found]

    assert outdated() == []
    book.write("src/tiny/f.py", RELU.replace("max(x, 0)", "max(0, x)"))
    new = book.page("new", "")
    assert outdated() == ["new", "shows", "uses"]
    new.unlink()
    book.write("src/tiny/f.py", RELU)
    assert outdated() == []
    assert len([*records.outdated(book.root / "nowhere", book.root / "docs")]) == len(PAGES) + 1


def test_to_begin_needs_nothing_but_python(book: Any) -> None:
    heavy = "print({*sys.modules} & {'sphinx', 'docutils', 'numpy', 'IPython'})"
    ran = book.run("-c", f"import sys, mathforml.sphinx.__main__; {heavy}")
    assert ran.stdout == "set()\n"


def test_a_removed_module_fails_the_page_that_imports_it(book: Any) -> None:
    (book.root / "src/tiny/f.py").unlink()
    code, errors, ran = book.build()
    assert (code, ran) == (1, ["shows", "uses"])
    assert "docs/uses.md:12 cell \"y\": ModuleNotFoundError: No module named 'tiny.f'" in errors
    book.write("src/tiny/f.py", RELU)


def test_another_version_of_a_library_runs_all_and_a_removed_page_is_gone(
    book: Any, tmp_path: Path
) -> None:
    (tmp_path / "somelib-1.0.dist-info").mkdir()
    metadata = tmp_path / "somelib-1.0.dist-info/METADATA"
    metadata.write_text("Metadata-Version: 2.1\nName: somelib\nVersion: 1.0\n")
    (book.root / "docs/alone.md").unlink()
    paths = os.pathsep.join([str(book.root / "src"), str(tmp_path)])
    assert book.build(PYTHONPATH=paths) == (0, "", sorted(PAGES.keys() - {"alone"}))
    assert not [name for name in book.site() if "alone" in name]


def test_the_sources_of_the_extension_are_part_of_the_environment(
    foreign: Any, tmp_path: Path
) -> None:
    book = foreign("")
    copy = tmp_path / "mathforml"
    shutil.copytree(Path(mathforml.__file__).parent, copy)
    words = ["-c", "from mathforml.sphinx.freshness import environment; print(environment())"]
    before = book.run(*words).stdout
    with (copy / "sphinx/listing.py").open("a") as file:
        file.write("# more\n")
    after = book.run(*words, PYTHONPATH=str(tmp_path)).stdout
    assert len(before) == len(after)
    assert before != after


def test_a_cache_that_ignores_imported_code_is_refused(foreign: Any) -> None:
    book = foreign('nb_execution_mode = "cache"')
    book.write("docs/index.md", "# Book\n")
    code, errors, _ = book.build()
    assert code == 1
    assert "MyST-NB's cache ignores imported code" in errors


def test_a_broken_docstring_is_told_again_without_running_what_does_not_show_it(
    foreign: Any,
) -> None:
    book = foreign('extensions.append("sphinx.ext.autodoc")')
    book.write("src/tiny/__init__.py", 'def f():\n    """An *unclosed emphasis."""\n')
    book.write("docs/index.md", "# Book\n\n```{toctree}\n:glob:\n*\n```\n")
    book.page("alone", "")
    book.page("api", "```{eval-rst}\n.. autofunction:: tiny.f\n```")
    for expected in (["alone", "api"], ["api"]):
        code, errors, ran = book.build()
        assert (code, ran) == (1, expected)
        assert "docstring of tiny.f:1: WARNING: Inline emphasis" in errors


def test_prose_writes_again_no_page_but_its_own(foreign: Any) -> None:
    book = foreign("extensions += ['sphinxcontrib.bibtex']; bibtex_bibfiles = ['docs/books.bib']")
    book.write("docs/books.bib", "@misc{bishop, title={A book}, author={Bishop, C.}, year={2006}}")
    book.write("docs/index.md", "# Book\n\n```{toctree}\na\nb\nbooks\n```\n")
    book.write("docs/books.md", "# Books\n\n```{bibliography}\n```\n")
    book.page("a", "See {cite}`bishop`.")
    book.page("b", "See also {cite}`bishop`.")
    assert book.build() == (0, "", ["a", "b"])

    def written() -> dict[str, int]:
        pages = (book.root / "build/html").glob("*.html")
        return {page.stem: page.stat().st_mtime_ns for page in pages}

    before = written()
    book.page("a", "Do see {cite}`bishop`.")
    assert book.build() == (0, "", ["a"])
    after = written()
    assert {page for page in before if after[page] != before[page]} & {"a", "b", "books"} == {"a"}
    assert book.build() == (0, "", [])
    again = written()
    assert {page for page in again if again[page] != after[page]} & {"a", "b", "books"} == set()


def test_a_list_of_the_whole_book_follows_what_is_added_changed_and_removed(foreign: Any) -> None:
    book = foreign("myst_enable_extensions = ['dollarmath']")
    book.write("docs/index.md", "# Book\n\n```{toctree}\n:glob:\n*\n```\n")
    book.write("docs/list.md", "# List\n\n```{ledger}\n```\n")
    verify = "from mathforml.equations import verify\n\nverify('eq-{0}', x=1.0, y=1.0)"

    def page(name: str, formula: str) -> None:
        book.page(name, f"$$\n{formula}\n$$ (eq-{name})\n\n{CELL.format(verify.format(name))}")

    def listed() -> set[str]:
        code, errors, _ = book.build()
        assert (code, errors) == (0, "")
        text = book.site()["list.html"].decode()
        return {name for name in ("eq-a", "eq-b") if name in text}

    page("a", "x = y")
    assert listed() == {"eq-a"}
    before = book.site()["list.html"]
    book.page("a", "$$\nx = y\n$$ (eq-a)")  # nothing else of the book shows that it no longer runs
    assert listed() == {"eq-a"}
    assert book.site()["list.html"] != before
    stays = book.root / "build/html/list.html"
    written = stays.stat().st_mtime_ns
    book.page("a", "Said otherwise.\n\n$$\nx = y\n$$ (eq-a)")
    assert listed() == {"eq-a"}
    assert stays.stat().st_mtime_ns == written
    good = book.site()
    book.page("a", f"Said otherwise.\n\n{CELL.format('1 / 0')}")
    assert book.build()[0] == 1
    book.page("a", "Said otherwise.\n\n$$\nx = y\n$$ (eq-a)")
    assert listed() == {"eq-a"}
    assert book.site() == good
    page("b", "x = y")
    assert listed() == {"eq-a", "eq-b"}
    (book.root / "docs/b.md").unlink()
    assert listed() == {"eq-a"}
