"""The notebooks that the site offers: all can run, and one does, where there is no Sphinx."""

import ast
import re

import nbformat
import pytest
from nbclient import NotebookClient

from mathforml.equations.labels import read_displays

LESSON = "neural/activations.ipynb"
BLOCK = "import sys\nfor name in ('myst_nb', 'sphinx', 'docutils'):\n    sys.modules[name] = None"
SPHINX = re.compile(
    r"^:::|^```\{|\{(eq|ref|numref|doc|glue:text|cite:[tp]|sidenote)\}`", re.MULTILINE
)


@pytest.fixture(scope="module")
def notebooks(site):
    folder = site / "notebooks"
    paths = sorted(folder.rglob("*.ipynb"))
    found = {p.relative_to(folder).as_posix(): nbformat.read(p, as_version=4) for p in paths}
    assert LESSON in found
    return found


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_a_notebook_imports_nothing_that_only_builds_pages(notebooks):
    for name, notebook in notebooks.items():
        tree = ast.parse("\n".join(cell.source for cell in code(notebook)))
        imported = [
            node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)
        ]
        modules = {getattr(node, "module", None) or node.names[0].name for node in imported}
        assert not {m for m in modules if m.partition(".")[0] in ("myst_nb", "sphinx")}, name


def test_no_syntax_of_the_page_is_left_in_the_prose(notebooks):
    for name, notebook in notebooks.items():
        prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
        assert SPHINX.findall(prose) == [], name


def test_every_equation_that_a_notebook_verifies_stands_in_it(notebooks, site):
    for name, notebook in notebooks.items():
        called = set()
        for cell in code(notebook):
            called |= set(re.findall(r"\b(?:verify|refute)\(\s*\"(eq-[\w-]+)\"", cell.source))
        shown = {display.label for display in read_displays(site / "notebooks" / name)}
        assert called <= shown, name


def test_a_notebook_runs_in_an_empty_folder_and_says_what_the_page_says(notebooks, tmp_path):
    notebook = notebooks[LESSON]
    expected = [texts(cell) for cell in code(notebook)]
    nbformat.write(notebook, tmp_path / "downloaded.ipynb")
    notebook.cells.insert(0, nbformat.v4.new_code_cell(BLOCK))
    NotebookClient(notebook, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert [texts(cell) for cell in code(notebook)[1:]] == expected


def texts(cell):
    """Return what a cell printed and what it showed as text."""
    shown = [
        output.get("text") or output.get("data", {}).get("text/plain") for output in cell.outputs
    ]
    return [text for text in shown if text and "Figure" not in text]
