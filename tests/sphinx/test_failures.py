"""A failing cell: one line with the page, the line, the cell, the cause."""

import re
from typing import Any

import pytest

CELL = "```{{code-cell}}\n{}\n```\n"
TAGGED = ":tags: [raises-exception]\n\n"
PAGES = {
    "allowed": CELL.format(f"{TAGGED}1 / 0") + CELL.format("x = 1"),
    "calls": CELL.format("import tiny\n\nx = 1\nx_bar = tiny.inverse(\n    0)\ny = 2")
    + "What no cell has made is no second error: {glue:text}`never`.",
    "dead": CELL.format("n = 9\nimport os, signal\nos.kill(os.getpid(), signal.SIGKILL)"),
    "long": CELL.format('raise ValueError("one\\n\\n   two\\n" + "x" * 1000)'),
    "options": CELL.format("---\ntags: [hide-input]\n---\nz = 3\nassert z == 4"),
    "slow": "Text.\n\n" + CELL.format("import time\ntime.sleep(60)"),
    "syntax": CELL.format("a = 1\nb = = 2"),
    "unsteady": CELL.format("object()"),
    "tame": CELL.format(f"{TAGGED}w = 1 / 1"),
}
EXPECTED = {
    "calls": ':15 cell "x": ZeroDivisionError: division by zero',
    "dead": ':12 cell "n": DeadKernelError: Kernel died',
    "long": f':12 cell "valueerror": ValueError: one; two; {"x" * 278}…',
    "options": ':16 cell "z": AssertionError: assert z == 4',
    "slow": ':15 cell "sleep": CellTimeoutError: A cell timed out while it was being executed, '
    "after 4 seconds.",
    "strange": ":1: NoSuchKernel: No such kernel named martian",
    "syntax": ":13 cell 2: SyntaxError: invalid syntax",
    "tame": ':14 cell "w": raised nothing, and is tagged raises-exception',
}


@pytest.fixture(scope="module")
def book(foreign: Any) -> Any:
    """Return a book in which nearly every page fails in its own way."""
    book = foreign("nb_execution_timeout = 4")
    book.write("src/tiny/__init__.py", "def inverse(x):\n    return 1 / x\n")
    book.write("docs/index.md", "# Book\n\n```{toctree}\n:glob:\n*\n```\n")
    for name, text in PAGES.items():
        book.page(name, text)
    book.page("strange", CELL.format("x = 1"), kernel="martian")
    return book


@pytest.fixture(scope="module")
def errors(book: Any) -> list[str]:
    """Return what the build says of it."""
    code, errors, _ = book.build("-j", "2")
    assert code == 1
    return errors.splitlines()


@pytest.mark.parametrize("page", EXPECTED)
def test_each_failure_is_told_once_with_its_place_and_its_cause(
    errors: list[str], page: str
) -> None:
    told = [line for line in errors if f"docs/{page}.md" in line]
    assert len(told) == 1
    assert told[0].startswith(f"ERROR: docs/{page}.md{EXPECTED[page]}")


def test_an_address_in_an_output_is_told(errors: list[str]) -> None:
    told = [line for line in errors if "docs/unsteady.md" in line]
    said = 'WARNING: docs/unsteady.md:12 cell "object": shows an address, never twice the same: '
    assert len(told) == 1
    assert told[0].startswith(f"{said}<object at 0x")


def test_nothing_else_is_said(errors: list[str]) -> None:
    assert len(errors) == len(EXPECTED) + 2
    assert errors[-1] == "the build failed; there is no good site yet"


def test_the_traceback_is_kept_where_the_line_says(book: Any, errors: list[str]) -> None:
    line = next(line for line in errors if "docs/calls.md" in line)
    found = re.search(r"\(more in (.*?)\)", line)
    assert found
    assert "return 1 / x" in (book.root / found.group(1)).read_text()


def test_a_plain_sphinx_build_without_w_fails_too_and_fails_again(foreign: Any) -> None:
    book = foreign("")
    book.write("docs/index.md", "# Book\n\n```{toctree}\nbad\n```\n")
    book.page("bad", CELL.format("assert False"))
    words = ["-m", "sphinx", "-q", "-c", ".", "docs", "out/html"]
    first, second = book.run(*words), book.run(*words)
    assert (first.returncode, second.returncode) == (1, 1)
    line = "ERROR: docs/bad.md:12 cell 2: AssertionError: assert False (more in"
    assert line in first.stderr
    assert line in second.stderr


def test_a_kernel_that_fails_to_start_is_started_again(foreign: Any) -> None:
    book = foreign("")
    once = book.write("once", "")
    lines = ["import os, sys", f"if os.path.exists({str(once)!r}):"]
    lines += [f"    os.remove({str(once)!r})", "    sys.exit(1)"]
    lines += ["from ipykernel.kernelapp import launch_new_instance", "launch_new_instance()"]
    book.write("src/ipykernel_launcher.py", "\n".join(lines))
    book.write("docs/index.md", "# Book\n\n```{toctree}\none\n```\n")
    book.page("one", CELL.format("x = 1"))
    assert book.build(MATHFORML_WARM="") == (0, "", ["one"])  # a plain kernel, which this is
    assert not once.exists()
