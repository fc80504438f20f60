"""Run cells with the interpreter that builds the book, alike on every machine.

A kernel named python3 may be registered in the reader's home and belong to another Python.  Its own
start-up files and settings of matplotlib would leak into the book, threads reorder sums.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from ipykernel.kernelspec import get_kernel_dict
from sphinx.application import Sphinx

ONE_THREAD = ("OMP", "OPENBLAS", "MKL", "BLIS", "VECLIB_MAXIMUM", "NUMEXPR")


def specification(folder: Path) -> dict[str, Any]:
    """Return the kernel: this Python, one thread, no settings but the project's own."""
    environment = {f"{library}_NUM_THREADS": "1" for library in ONE_THREAD}
    environment |= {
        "PYTHONHASHSEED": "0",
        "IPYTHONDIR": str(folder / "ipython"),
        "MATPLOTLIBRC": str(folder / "matplotlibrc"),
    }
    # It would warn of sockets that never leave this machine, and trace each interrupted cell.
    quiet = "--log-level=CRITICAL"
    python = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", quiet]
    return get_kernel_dict() | {"argv": python, "env": environment}


def install(app: Sphinx) -> None:
    """Put the kernel where Jupyter looks first."""
    folder = Path(app.doctreedir).resolve() / "jupyter"
    kernel = folder / "kernels" / "python3"
    kernel.mkdir(parents=True, exist_ok=True)
    (folder / "ipython").mkdir(exist_ok=True)
    (folder / "matplotlibrc").touch()
    (kernel / "kernel.json").write_text(json.dumps(specification(folder), indent=1), "utf-8")
    others = os.environ.get("JUPYTER_PATH", "").split(os.pathsep)
    paths = [str(folder), *(path for path in others if path not in ("", str(folder)))]
    os.environ["JUPYTER_PATH"] = os.pathsep.join(paths)


def setup(app: Sphinx) -> None:
    """Install the kernel before the first page is read."""
    app.connect("builder-inited", install)
