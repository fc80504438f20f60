"""Run cells with the interpreter that builds the book, alike on every machine.

A kernel named python3 may be registered in the reader's home and belong to another Python.  Its own
start-up files and settings of matplotlib would leak into the book, threads reorder sums.

Kernels are forked from one warm process where that is safe (`mathforml.sphinx.forking`).
"""

import atexit
import json
import os
import re
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from ipykernel.kernelspec import get_kernel_dict
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from mathforml.sphinx import forking

ONE_THREAD = ("OMP", "OPENBLAS", "MKL", "BLIS", "VECLIB_MAXIMUM", "NUMEXPR")
SLOW = ("scipy.special", "scipy.stats", "sklearn")  # to import, so only for pages that name them
CELL = re.compile(r'\{code-cell\}|"cell_type":\s*"code"')  # in Markdown, in a notebook


def environment(folder: Path) -> dict[str, str]:
    """Return what is set around every kernel: one thread, no settings but the project's own."""
    threads = {f"{library}_NUM_THREADS": "1" for library in ONE_THREAD}
    return threads | {
        "PYTHONHASHSEED": "0",
        "IPYTHONDIR": str(folder / "ipython"),
        "MATPLOTLIBRC": str(folder / "matplotlibrc"),
    }


def specification(folder: Path) -> dict[str, Any]:
    """Return the kernel: this Python, forked where that is safe."""
    # It would warn of sockets that never leave this machine, and trace each interrupted cell.
    quiet = "--log-level=CRITICAL"
    python = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", quiet]
    found = get_kernel_dict() | {"argv": python, "env": environment(folder)}
    if forking.provided():
        found["metadata"] = {"kernel_provisioner": {"provisioner_name": forking.NAME}}
    return found


def place(app: Sphinx) -> Path:
    """Return the folder of the kernel and of its settings."""
    return Path(app.doctreedir).resolve() / "jupyter"


def install(app: Sphinx) -> None:
    """Put the kernel where Jupyter looks first."""
    folder = place(app)
    kernel = folder / "kernels" / "python3"
    kernel.mkdir(parents=True, exist_ok=True)
    (folder / "ipython").mkdir(exist_ok=True)
    (folder / "matplotlibrc").touch()
    (kernel / "kernel.json").write_text(json.dumps(specification(folder), indent=1), "utf-8")
    others = os.environ.get("JUPYTER_PATH", "").split(os.pathsep)
    paths = [str(folder), *(path for path in others if path not in ("", str(folder)))]
    os.environ["JUPYTER_PATH"] = os.pathsep.join(paths)


def has_cells(text: str) -> bool:
    """Return whether a page has code cells; without them it needs no kernel."""
    return bool(CELL.search(text))


class Warmth:
    """The warm process of one build: there while pages are read, if any of them has cells."""

    def __init__(self) -> None:
        self.held = ExitStack()
        atexit.register(self.held.close)  # a build that is interrupted tells nobody

    def begin(self, app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
        """Start it, and go on: it warms up beside Sphinx."""
        pages = (Path(env.doc2path(page)).read_text("utf-8") for page in docnames)
        texts = [text for text in pages if has_cells(text)]
        if forking.possible() and texts:
            used = [name for name in SLOW if any(name.partition(".")[0] in text for text in texts)]
            self.held.enter_context(forking.warm_process(environment(place(app)), used))

    def end(self, *_: object) -> None:
        """End it; all pages are read, or will not be."""
        self.held.close()


def setup(app: Sphinx) -> None:
    """Install the kernel before the first page is read."""
    warmth = Warmth()
    app.connect("builder-inited", install)
    app.connect("env-before-read-docs", warmth.begin)
    app.connect("env-updated", warmth.end, priority=0)
    app.connect("build-finished", warmth.end)
