"""Run the code cells of a page: MyST Markdown, or a Jupyter notebook.

Cells run one after another in one fresh namespace, as a kernel would run them, with the page's
folder as working folder.  What they print is dropped; what they verify is what counts.
"""

import contextlib
import importlib
import io
import json
import os
import re
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from mathforml.equations.labels import PAGE, SOURCES

__all__ = ["Cell", "CellError", "cells", "replaying", "run"]

FENCE = re.compile(  # a cell, or a block of code whose cells are only shown
    r"^(?P<fence>`{3,}|:{3,})(?:\{code-cell\}|(?P<shown>\w))[^\n]*\n"
    r"(?P<body>.*?)^(?P=fence)[ \t]*$",
    re.MULTILINE | re.DOTALL,
)
HEAD = re.compile(r"\A(?:---\n.*?^---\n|(?::[\w-]+:[^\n]*\n)+)", re.MULTILINE | re.DOTALL)
MAGIC = re.compile(r"^\s*[%!]")


class Cell(NamedTuple):
    """A code cell: its text, the line of the file where that begins, and its tags' text."""

    code: str
    line: int
    head: str


class CellError(RuntimeError):
    """A cell that raised: where, and what."""


def cells(path: Path) -> list[Cell]:
    """Read the code cells of a page.

    Parameters
    ----------
    path : Path
        A MyST Markdown file or a Jupyter notebook (``.ipynb``).

    Returns
    -------
    list of Cell
        In order.
    """
    text = path.read_text("utf-8")
    return list(_of_notebook(text) if path.suffix == ".ipynb" else _of_markdown(text))


def _of_markdown(text: str) -> Iterator[Cell]:
    for found in FENCE.finditer(text):
        if found["shown"]:
            continue
        head = HEAD.match(found["body"])
        skipped = head[0] if head else ""
        start = found.start("body") + len(skipped)
        yield Cell(found["body"][len(skipped) :], text.count("\n", 0, start) + 1, skipped)


def _of_notebook(text: str) -> Iterator[Cell]:
    for cell in json.loads(text)["cells"]:
        if cell["cell_type"] == "code":
            source = cell["source"]
            code = source if isinstance(source, str) else "".join(source)
            yield Cell(code, 1, " ".join(cell.get("metadata", {}).get("tags", [])))


def run(path: Path) -> None:
    """Execute the cells of a page.

    Parameters
    ----------
    path : Path
        As for :func:`cells`.

    Raises
    ------
    CellError
        If a cell raises that is not tagged ``raises-exception``: file, line and cause.
    """
    path = path.resolve()
    module = types.ModuleType("__main__")
    with _as_main(module), _as_page(path), _as_guest(), contextlib.chdir(path.parent):
        for cell in cells(path):
            if "skip-execution" not in cell.head:
                _run_cell(path, cell, module)


def replaying(path: Path, **names: Callable[..., Any]) -> None:
    """Execute the cells of a page with other functions in the place of the engine's own.

    Parameters
    ----------
    path : Path
        As for :func:`cells`.
    **names : callable
        What the cells get when they import ``verify`` or ``refute`` from the engine.
    """
    engine = importlib.import_module("mathforml.equations")
    before = {name: getattr(engine, name) for name in names}
    vars(engine).update(names)
    try:
        run(path)
    finally:
        vars(engine).update(before)


def _run_cell(path: Path, cell: Cell, module: types.ModuleType) -> None:
    lines = ["" if MAGIC.match(line) else line for line in cell.code.splitlines()]
    code = compile("\n" * (cell.line - 1) + "\n".join(lines), str(path), "exec")
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(code, module.__dict__)
    except Exception as error:
        if "raises-exception" in cell.head:
            return
        line = cell.line
        trace = error.__traceback__
        while trace:
            if trace.tb_frame.f_code.co_filename == str(path):
                line = trace.tb_lineno
            trace = trace.tb_next
        raise CellError(f"{path}:{line}: {type(error).__name__}: {error}") from error


@contextmanager
def _as_page(path: Path) -> Iterator[None]:
    """Let labels mean the displays of this page."""
    before = dict(os.environ)
    os.environ.setdefault("MPLBACKEND", "Agg")
    os.environ[SOURCES], os.environ[PAGE] = str(path.parent), path.stem
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def _as_guest() -> Iterator[None]:
    """Close the figures of a page, and the shell that a cell began by asking how a value looks."""
    before, drawn = _shell(), _figures()
    try:
        yield
    finally:
        for number in _figures() - drawn:
            sys.modules["matplotlib.pyplot"].close(number)
        if before is None and (shell := _shell()) is not None:
            type(shell).clear_instance()


def _figures() -> set[int]:
    pyplot = sys.modules.get("matplotlib.pyplot")
    return set() if pyplot is None else set(pyplot.get_fignums())


def _shell() -> Any:
    ipython = sys.modules.get("IPython")
    return None if ipython is None else ipython.get_ipython()


@contextmanager
def _as_main(module: types.ModuleType) -> Iterator[None]:
    """Let the cells believe that they are a program."""
    before = sys.modules["__main__"]
    sys.modules["__main__"] = module
    try:
        yield
    finally:
        sys.modules["__main__"] = before
