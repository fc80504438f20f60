"""Small books, built in this process, to look at what the extension makes of them."""

import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sphinx.testing.util import SphinxTestApp

CONFIG = {
    "myst_enable_extensions": ["colon_fence", "deflist", "dollarmath"],
    "nb_execution_mode": "off",
    "suppress_warnings": ["myst-nb.lexer"],  # only an executed page knows its language
    "numfig": True,
    "numfig_secnum_depth": 1,
    "nitpicky": True,
    "html_theme": "basic",
}


def build(
    folder: Path,
    capabilities: str,
    pages: dict[str, str],
    builder: str = "html",
    config: dict[str, Any] | None = None,
) -> SphinxTestApp:
    """Build a book of these pages with some capabilities of the extension."""
    extensions = ["myst_nb", *(f"mathforml.sphinx.{name}" for name in capabilities.split())]
    settings = {**CONFIG, **(config or {}), "extensions": extensions}
    (folder / "conf.py").write_text("\n".join(f"{k} = {v!r}" for k, v in settings.items()))
    toctree = "\n".join(["# Book\n", "```{toctree}", ":numbered:", "", *pages, "```"])
    for name, text in {"index": toctree, **pages}.items():
        path = folder / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    with warnings.catch_warnings():  # of libraries, about their own future
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        app = SphinxTestApp(builder, srcdir=folder, freshenv=True)
        try:
            app.build()
        finally:
            app.cleanup()
    return app


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return a builder of books."""
    return lambda *args, **kwargs: build(tmp_path_factory.mktemp("book"), *args, **kwargs)


class Foreign:
    """A book by somebody else, with a package of its own, built as its author would."""

    def __init__(self, root: Path, conf: str = "") -> None:
        self.root = root
        self.runs = root.with_name(f"{root.name}-runs.txt")
        lines = ["import sys", f"sys.path.insert(0, {str(root / 'src')!r})", *FOREIGN, conf]
        self.write("conf.py", "\n".join(lines))

    def write(self, path: str, text: str) -> Path:
        """Write a file of the project."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
        return file

    def page(self, name: str, text: str, kernel: str = "python3") -> Path:
        """Write a page; each ``>>> code`` block is a cell, the first notes that the page runs."""
        note = f'import os; print("{name}", file=open(os.environ["RUNS"], "a"))'
        cells = "\n".join([f"# {name.title()}", "", "```{code-cell}", note, "```", "", text, ""])
        return self.write(f"docs/{name}.md", FRONT.format(kernel=kernel) + cells)

    def start(self, *words: object, **environment: str) -> subprocess.Popen[str]:
        """Start this Python with the project's package in sight."""
        paths = [str(self.root / "src"), *filter(None, [os.environ.get("PYTHONPATH")])]
        own = {"PYTHONPATH": os.pathsep.join(paths), "RUNS": str(self.runs), "NO_COLOR": "1"}
        command = [sys.executable, *map(str, words)]
        env = {**os.environ, **own, **environment}
        pipe = subprocess.PIPE
        return subprocess.Popen(
            command, cwd=self.root, env=env, stdout=pipe, stderr=pipe, text=True
        )

    def run(self, *words: object, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run this Python to its end."""
        process = self.start(*words, **environment)
        out, errors = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, out, errors)

    def build(self, *options: object, **environment: str) -> tuple[int, str, list[str]]:
        """Build and publish; return the exit code, the errors, and the pages whose cells ran."""
        self.runs.write_text("")
        words = ["-m", "mathforml.sphinx", "build", *(options or ("-j", "2"))]
        ran = self.run(*words, **environment)
        return ran.returncode, ran.stderr, sorted(self.runs.read_text().split())

    def site(self) -> dict[str, bytes]:
        """Return the published files."""
        html = self.root / "build/html"
        files = (path for path in sorted(html.rglob("*")) if path.is_file())
        return {path.relative_to(html).as_posix(): path.read_bytes() for path in files}


FRONT = """---
file_format: mystnb
kernelspec: {{name: {kernel}, display_name: Python 3}}
---
"""
FOREIGN = [
    'project = "foreign"',
    'author = "somebody"',
    'extensions = ["myst_nb", "mathforml.sphinx"]',
    'html_theme = "basic"',
    'nb_execution_mode = "force"',
    'mathforml_packages = ("tiny",)',
    'mathforml_listing_tests = ""',
]


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Foreign]:
    """Return a maker of foreign projects; its argument is added to ``conf.py``."""
    return lambda conf: Foreign(tmp_path_factory.mktemp("foreign"), conf)
