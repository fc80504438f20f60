"""Say of a failing cell, in one line, where it stands and what it raised."""

import os
import re
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector
from myst_nb.sphinx_ import Parser as NotebookParser
from myst_parser.parsers.sphinx_ import MystParser
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import SphinxError
from sphinx.util import logging

from mathforml.sphinx.cells import cell_id
from mathforml.sphinx.warmth import has_cells

LOG = logging.getLogger(__name__)
COLORS = re.compile(r"\x1b\[[0-9;]*m")
SYNTAX = re.compile(r" \([^()]*, line (\d+)\)$")
ADDRESS = re.compile(r"<[^<>\n]* at 0x[0-9a-fA-F]+>")
UNSTEADY: dict[str, Any] = {"type": "mathforml", "subtype": "address"}
LONGEST = 300
ATTEMPTS = 2  # to start a kernel, before the last


class Failure(NamedTuple):
    """A cell that failed: its place in the notebook, the failing line in it (from 1), the error."""

    at: int
    line: int
    error: str


class Parser(NotebookParser):  # type: ignore[misc]
    """A parser to which a dead kernel, a missing one or an unreadable cell is one page's error."""

    def parse(self, inputstring: str, document: nodes.document) -> None:
        """Read a page; if that cannot be, leave an empty one and go on with the others."""
        env = document.settings.env
        report(env).unlink(missing_ok=True)
        try:
            self.parse_again(inputstring, document)
        except SphinxError:
            raise
        except Exception as error:
            write_report(env, traceback.format_exc())
            complain(env, where(error, inputstring), described(type(error).__name__, str(error)))
            document.clear()
            document.attributes.pop("nb_renderer", None)
            MystParser.parse(self, f"# {env.docname}", document)

    def parse_again(self, inputstring: str, document: nodes.document) -> None:
        """Read a page; start its kernel again if it lost the race for a free port."""
        if not has_cells(inputstring):
            self.parse_text(inputstring, document)
            return
        for _ in range(ATTEMPTS):
            try:
                super().parse(inputstring, document)
                return
            except RuntimeError as error:
                if "before replying to kernel_info" not in str(error):
                    raise
                document.clear()
        super().parse(inputstring, document)

    def parse_text(self, inputstring: str, document: nodes.document) -> None:
        """Read a page without cells: MyST-NB would start a kernel for it, too."""
        env = document.settings.env
        config = env.mystnb_config
        env.mystnb_config = config.copy(execution_mode="off")
        try:
            super().parse(inputstring, document)
        finally:
            env.mystnb_config = config


def check(app: Sphinx, doctree: nodes.document) -> None:
    """Complain of the cell at which a page stopped, and of cells that should have raised."""
    env = app.env
    ran = NbMetadataCollector.get_exec_data(env, env.docname)
    if ran is None:
        return
    if ran["traceback"]:
        write_report(env, ran["traceback"])
    folder = Path(env.mystnb_config.output_folder)  # type: ignore[attr-defined]
    file = folder / f"{env.docname}.ipynb"
    notebook = nbformat.read(file, as_version=4)  # type: ignore[no-untyped-call]
    text = Path(env.doc2path(env.docname)).read_text("utf-8")
    found = missing(notebook) if ran["succeeded"] else [stopped(notebook, ran["traceback"] or "")]
    for failure in found:
        complain(env, place(notebook, failure, text), failure.error)
    for failure in unsteady(notebook):
        at = f"{os.path.relpath(env.doc2path(env.docname))}{place(notebook, failure, text)}"
        LOG.warning("%s: %s", at, failure.error, extra={"page": env.docname}, **UNSTEADY)


def stopped(notebook: nbformat.NotebookNode, trace: str) -> Failure:
    """Return the cell at which the execution of a page ended."""
    ran = [i for i, cell in enumerate(notebook.cells) if cell.get("execution_count")]
    index = ran[-1] if ran else 0
    cell = notebook.cells[index]
    error = raised(cell)
    line = failing_line(cell, error) if error else 1
    if late := re.search(r"CellTimeoutError: [^\n]*", COLORS.sub("", trace)):
        return Failure(index, line, late.group())
    if error is None:
        return Failure(index, line, "the kernel gave no answer")
    source = [*cell.source.splitlines(), ""][line - 1].strip()
    message = SYNTAX.sub("", error.evalue)
    return Failure(index, line, described(error.ename, message or source))


def raised(cell: nbformat.NotebookNode) -> nbformat.NotebookNode | None:
    """Return the error among a cell's outputs."""
    errors = (out for out in cell.get("outputs", ()) if out.output_type == "error")
    return next(errors, None)


def failing_line(cell: nbformat.NotebookNode, error: nbformat.NotebookNode) -> int:
    """Return the line of a cell that raised, or that called what raised."""
    frames = re.compile(rf"Cell In\[{cell.execution_count}\], line (\d+)")
    found = frames.search(COLORS.sub("", "\n".join(error.traceback))) or SYNTAX.search(error.evalue)
    return int(found.group(1)) if found else 1


def missing(notebook: nbformat.NotebookNode) -> Iterator[Failure]:
    """Yield the cells that are tagged ``raises-exception`` and raised nothing."""
    for index, cell in enumerate(notebook.cells):
        if "raises-exception" in cell.metadata.get("tags", ()) and raised(cell) is None:
            yield Failure(index, 1, "raised nothing, and is tagged raises-exception")


def unsteady(notebook: nbformat.NotebookNode) -> Iterator[Failure]:
    """Yield the cells that show where an object lies in memory, which no two builds share."""
    for index, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", ()):
            text = output.get("text") or output.get("data", {}).get("text/plain", "")
            if found := ADDRESS.search(text):
                yield Failure(index, 1, f"shows an address, never twice the same: {found.group()}")


def described(name: str, message: str) -> str:
    """Return an exception on one line."""
    lines = [line.strip() for line in COLORS.sub("", message).splitlines()]
    text = f"{name}: {'; '.join(filter(None, lines))}".removesuffix(": ")
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def place(notebook: nbformat.NotebookNode, failure: Failure, text: str) -> str:
    """Return the line in the page and the name of the cell, as in ``58 cell "softmax-vjp"``."""
    cell = notebook.cells[failure.at]
    starts = notebook.metadata.get("source_map")
    ordinal = sum(c.cell_type == "code" for c in notebook.cells[: failure.at + 1])
    name = named(cell.source, ordinal)
    if not starts:
        return f" {name}"
    start = starts[failure.at]
    page, source = ([line.strip() for line in t.splitlines()] for t in (text, cell.source))
    at = (i for i in range(start, len(page)) if page[i : i + len(source)] == source)
    first = next(at, None)
    return f":{start if first is None else first + failure.line} {name}"


def named(source: str, ordinal: int) -> str:
    """Return what to call a cell: its address, else its ordinal."""
    address = cell_id(source)
    return f'cell "{address.removeprefix("cell-")}"' if address else f"cell {ordinal}"


def where(error: Exception, text: str) -> str:
    """Return the place of the cell that ran when the kernel was lost."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        cell = frame.f_locals.get("cell")
        if isinstance(cell, nbformat.NotebookNode) and cell.source in text:
            before = text[: text.index(cell.source)]
            ordinal = before.count("{code-cell}")
            return f":{before.count(chr(10)) + 1} {named(cell.source, ordinal)}"
    return ":1"


def complain(env: BuildEnvironment, at: str, error: str) -> None:
    """Log the one line, with the place of the full report where there is one."""
    page = os.path.relpath(env.doc2path(env.docname))
    more = f" (more in {os.path.relpath(report(env))})" if report(env).is_file() else ""
    LOG.error("%s%s: %s%s", page, at, error, more, type="mathforml", extra={"page": env.docname})


def report(env: BuildEnvironment) -> Path:
    """Return where the traceback of the present page is kept."""
    return Path(env.doctreedir, "reports", f"{env.docname}.txt")


def write_report(env: BuildEnvironment, text: str) -> None:
    """Keep a traceback."""
    report(env).parent.mkdir(parents=True, exist_ok=True)
    report(env).write_text(COLORS.sub("", text), "utf-8")


def quieten(app: Sphinx, config: object) -> None:
    """Silence MyST-NB's own report of a failing cell, which is a screen long."""
    app.config.suppress_warnings = [*app.config.suppress_warnings, "mystnb.exec"]


def setup(app: Sphinx) -> None:
    """Watch what the cells of each page raise."""
    app.setup_extension("myst_nb")
    app.add_source_parser(Parser, override=True)
    app.connect("config-inited", quieten)
    app.connect("doctree-read", check, priority=100)
