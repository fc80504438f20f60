"""Run cells with the interpreter that builds the book, alike on every machine.

A kernel named python3 may be registered in the reader's home and belong to another Python.  Its own
start-up files and settings of matplotlib would leak into the book, threads reorder sums.

Kernels are forked from one warm process where that is safe (`mathforml.sphinx.warmth`).
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from ipykernel.kernelspec import get_kernel_dict
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from mathforml.sphinx import warmth


def specification(folder: Path) -> dict[str, Any]:
    """Return the kernel: this Python, forked where that is safe."""
    # It would warn of sockets that never leave this machine, and trace each interrupted cell.
    quiet = "--log-level=CRITICAL"
    python = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", quiet]
    found = get_kernel_dict() | {"argv": python, "env": warmth.surroundings(folder)}
    if warmth.provided():
        found["metadata"] = {"kernel_provisioner": {"provisioner_name": warmth.NAME}}
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


def setup(app: Sphinx) -> None:
    """Install the kernel before the first page is read, and fork from a warm process meanwhile."""
    warm = warmth.Warmth()

    def begin(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
        warm.begin(Path(env.doc2path(page)) for page in docnames)

    app.connect("builder-inited", install)
    app.connect("env-before-read-docs", begin)
    app.connect("env-updated", lambda *_: warm.end(), priority=0)
    app.connect("build-finished", lambda *_: warm.end())
