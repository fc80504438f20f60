"""A warm process for one build, begun as soon as a page will probably run.

Kernels are forked from it (`mathforml.sphinx.warm`, `mathforml.sphinx.forking`).  It takes longer
to become warm than Sphinx to begin, so it is begun first: this module needs Python's own library
only.
"""

import atexit
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.metadata import entry_points
from pathlib import Path

NAME = "mathforml-forking"  # of the provisioner, an entry point
VARIABLE = "MATHFORML_WARM"  # where the warm process listens; empty to have plain kernels
ONE_THREAD = ("OMP", "OPENBLAS", "MKL", "BLIS", "VECLIB_MAXIMUM", "NUMEXPR")
SLOW = ("scipy.special", "scipy.stats", "sklearn")  # to import, so only for pages that name them
CELL = re.compile(r'\{code-cell\}|"cell_type":\s*"code"')  # in Markdown, in a notebook


class Warmth:
    """The warm process of one build: there while pages are read, if any of them has cells."""

    def __init__(self) -> None:
        self.held = ExitStack()
        atexit.register(self.held.close)  # a build that is interrupted tells nobody

    def begin(self, pages: Iterable[Path]) -> None:
        """Start it for these pages, and go on: it warms up beside the build."""
        if os.environ.get(VARIABLE):  # it has been begun
            return
        texts = [text for page in pages if has_cells(text := page.read_text("utf-8", "replace"))]
        if texts and possible():
            used = [name for name in SLOW if any(name.partition(".")[0] in text for text in texts)]
            self.held.enter_context(warm_process(used))

    def end(self) -> None:
        """End it; all pages are read, or will not be."""
        self.held.close()


def has_cells(text: str) -> bool:
    """Return whether a page has code cells; without them it needs no kernel."""
    return bool(CELL.search(text))


def provided() -> bool:
    """Return whether Jupyter finds the provisioner, and sockets can be files."""
    known = entry_points(group="jupyter_client.kernel_provisioners", name=NAME)
    return os.name == "posix" and bool(known)


def possible() -> bool:
    """Return whether forking is safe here: on macOS, its own libraries do not survive it."""
    return sys.platform == "linux" and os.environ.get(VARIABLE) != "" and provided()


def surroundings(folder: Path) -> dict[str, str]:
    """Return what is set around every kernel: one thread, no settings but those in a folder."""
    threads = {f"{library}_NUM_THREADS": "1" for library in ONE_THREAD}
    return threads | {
        "PYTHONHASHSEED": "0",
        "IPYTHONDIR": str(folder / "ipython"),
        "MATPLOTLIBRC": str(folder / "matplotlibrc"),
    }


@contextmanager
def warm_process(modules: Iterable[str]) -> Iterator[None]:
    """Keep a warm process that kernels are forked from, with these modules imported."""
    folder = Path(tempfile.mkdtemp(prefix="warm"))  # short: the address of a socket must be
    (folder / "matplotlibrc").touch()
    address = str(folder / "s")
    python = [sys.executable, str(Path(__file__).with_name("warm.py")), address, *modules]
    inline = {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}
    around = {**os.environ, **surroundings(folder), **inline}
    process = subprocess.Popen(python, stdin=subprocess.PIPE, env=around)
    os.environ[VARIABLE] = address
    try:
        yield
    finally:
        del os.environ[VARIABLE]
        assert process.stdin is not None
        process.stdin.close()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)
