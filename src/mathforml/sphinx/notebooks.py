"""Offer each page with code cells as a notebook that runs in plain Jupyter.

The code and what it showed come from the notebook that MyST-NB has executed, the prose from the
page as Sphinx resolved it: references are words with the book's numbers, boxes are quotations,
listings are code.  The notebook of ``part/page`` is ``notebooks/part/page.ipynb`` in the site.
"""

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, distributions, requires, version
from pathlib import Path
from typing import Any

import nbformat
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.osutil import relative_uri

from mathforml.sphinx.markdown import Page, joined
from mathforml.sphinx.reach import Sources, read

logger = logging.getLogger(__name__)

FOLDER = "notebooks"
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
FORMAT: Any = nbformat  # its functions have no types
HIDDEN = {
    "hide-input": ("source",),
    "remove-cell": ("source", "outputs"),
    "solution": ("source", "outputs"),
}
SHOWN = ("text/", "image/", "application/json")
WITH_JUPYTER = {*sys.stdlib_module_names, "IPython", "matplotlib_inline", "myst_nb"}


def offer(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Write the notebook of a page that has code, and link it at the foot of the page."""
    has_code = any(c.get("nb_element") == "cell_code" for c in doctree.findall(nodes.container))
    is_lesson = has_code and docname != app.config.root_doc
    if not is_lesson or app.builder.name not in ("html", "dirhtml"):
        return
    folder: str = app.env.mystnb_config.output_folder  # type: ignore[attr-defined]
    executed = Path(folder, f"{docname}.ipynb")
    if not executed.is_file():
        logger.warning("the page was not executed; build it again with -E", location=docname)
        return
    notebook = assemble(app, doctree, docname, FORMAT.read(executed, as_version=4))
    path = Path(app.outdir, FOLDER, f"{docname}.ipynb")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(FORMAT.writes(notebook) + "\n", "utf-8")
    uri = relative_uri(app.builder.get_target_uri(docname), f"{FOLDER}/{docname}.ipynb")
    link = f'<a href="{uri}" download>Download this page as a notebook</a>'
    page: nodes.Element = next(doctree.findall(nodes.section), doctree)
    page += nodes.raw("", f'<p class="notebook-link">{link}</p>', format="html")


def assemble(app: Sphinx, doctree: nodes.document, docname: str, executed: Any) -> Any:
    """Return the notebook: what it needs, then prose and code in the page's order."""
    body: list[Any] = []
    first = 0
    for block in joined(Page(app.env, docname).blocks(doctree.children)):
        if isinstance(block, str):
            body.append(FORMAT.v4.new_markdown_cell(block))
            continue
        place = block["cell_index"]
        for cell in executed.cells[first:place]:  # what the page does not show, but needs
            body += code(cell, f"code-{len(body)}") if cell.cell_type == "code" else ()
        body += code(executed.cells[place], block["ids"][0] if block["ids"] else f"code-{place}")
        first = place + 1
    cells = [FORMAT.v4.new_markdown_cell(introduction(app, body)), *body]
    for place, cell in enumerate(cells):
        cell.id = cell.id if cell.cell_type == "code" else f"text-{place}"
    notebook = FORMAT.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
    notebook.metadata["language_info"] = {"name": "python"}
    FORMAT.validate(notebook)
    return notebook


def introduction(app: Sphinx, cells: Iterable[Any]) -> str:
    """Return where a notebook comes from and what it needs."""
    sources = [cell.source for cell in cells if cell.cell_type == "code"]
    packages = Sources(getattr(app.config, "mathforml_packages", ()))
    needs = " ".join(requirements(sources, packages))
    title = f"*A page of {app.config.project} {app.config.release}".strip()
    return f"{title}. It runs after* `pip install {needs}`" if needs else f"{title}.*"


def code(cell: Any, name: str) -> Iterator[Any]:
    """Yield a code cell as plain Jupyter runs it, unless it only served the page."""
    source = without_glue(cell.source)
    if not source:
        return
    tags = cell.metadata.get("tags", [])
    metadata: dict[str, Any] = {"tags": tags} if tags else {}
    hidden = {f"{part}_hidden": True for tag in tags for part in HIDDEN.get(tag, ())}
    if hidden:
        metadata["jupyter"] = hidden
    made = FORMAT.v4.new_code_cell(source, id=name[:64], metadata=metadata)
    made.execution_count = cell.execution_count
    made.outputs = [kept for output in cell.outputs for kept in shown(output)]
    yield made


def shown(output: Any) -> Iterator[Any]:
    """Yield an output with what any notebook can show of it."""
    if "data" in output:
        output.data = {kind: data for kind, data in output.data.items() if kind.startswith(SHOWN)}
        output.metadata = {}
    if output.get("data", True):
        yield output


def without_glue(source: str) -> str:
    """Return code without the statements that put numbers into the page's prose."""
    try:
        tree = ast.parse(source)
    except SyntaxError:  # a shell line or a magic
        return source
    lines = source.splitlines()
    for node, alone in reversed(list(glued(tree))):
        inner = [" " * node.col_offset + "pass"] if alone else []
        lines[node.lineno - 1 : node.end_lineno] = inner
    return "\n".join(lines).strip("\n")


def glued(tree: ast.AST) -> Iterator[tuple[ast.stmt, bool]]:
    """Yield the statements that serve the page, and whether one must leave a ``pass`` behind."""
    for _, value in ast.iter_fields(tree):
        block = value if isinstance(value, list) else []
        useless = not isinstance(tree, ast.Module) and all(map(is_glue, block))
        for part in block:
            if is_glue(part):
                yield part, useless and part is block[0]
            elif isinstance(part, ast.AST):
                yield from glued(part)


def is_glue(node: object) -> bool:
    """Return whether a statement imports or calls ``glue``."""
    match node:
        case ast.ImportFrom(module="myst_nb"):
            return True
        case ast.Expr(value=ast.Call(func=ast.Name(id="glue"))):
            return True
    return False


def requirements(sources: Iterable[str], packages: Sources) -> Iterator[str]:
    """Yield what to install for some code: the watched packages, then what they do not bring."""
    names = {name for source in sources for name in read(source, "")[0]}
    names |= {name for imported, _ in packages.modules(names).values() for name in imported}
    tops = sorted({name.partition(".")[0] for name in names} - WITH_JUPYTER)
    found = {name: top in packages.roots for top in tops if (name := distribution(top))}
    brought = {part for name in found for part in brought_by(name)}
    for name in sorted(found, key=lambda name: (not found[name], name)):
        if name not in brought:
            yield f"{name}=={version(name)}"


@cache
def distribution(module: str) -> str:
    """Return the distribution that brings a module: that of its name, or one with its files."""
    if is_installed(module):
        return module
    files = f"{module}/__init__.py,", f"{module}.py,"
    for found in distributions():
        lines = (found.read_text("RECORD") or "").splitlines()
        if any(line.startswith(files) for line in lines):
            return found.name
    return ""


@cache
def is_installed(name: str) -> bool:
    """Return whether a name is that of an installed distribution."""
    try:
        return bool(name and version(name))
    except PackageNotFoundError:
        return False


def brought_by(name: str) -> Iterator[str]:
    """Yield the distributions that one installs with itself."""
    for line in requires(name) or ():
        if "extra ==" not in line:
            yield re.split(r"[^\w.-]", line)[0]


def setup(app: Sphinx) -> None:
    """Write notebooks when pages are written."""
    app.connect("doctree-resolved", offer)
