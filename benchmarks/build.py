"""Time the building of the book, in a copy of it: cold, with nothing changed, with little changed.

A cold build is measured in CPU time, beside its two parts: all cells in one warm process, and
Sphinx without execution.  What an author waits for is measured on the clock: quiet machines only.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
LEFT = shutil.ignore_patterns(".git", ".venv", "build", ".*_cache", "__pycache__")
PAGE = "docs/learning/losses.md"
COLD = 1.3  # times the two parts, in CPU time
TIMES = 3
SMALL = (  # a change, its goal in seconds on the clock, and what it writes instead of what
    ("nothing changed", 4.0, "", ""),
    ("prose of one page", 5.0, ". ", ".  "),
    ("one cell of one page", 5.0, "import numpy as np", "import numpy as np  # changed"),
)
BUILD = "-m", "mathforml.sphinx", "build"
BARE = "-m", "sphinx", "-q", "-c", ".", "-D", "nb_execution_mode=off", "docs", "build/bare"


class Spent(NamedTuple):
    """What a command took, with all the processes that it waited for."""

    cpu: float
    clock: float


def spend(folder: Path, *words: str, loud: bool = True) -> Spent:
    """Run this Python in a copy of the book."""
    env = os.environ | {"PYTHONPATH": str(folder / "src"), "OMP_NUM_THREADS": "1"}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # an author compiles a module once
    before, start = used(), time.monotonic()
    command = [sys.executable, *words]
    ran = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    spent = Spent(used() - before, time.monotonic() - start)
    if loud and ran.returncode:
        raise SystemExit(f"{' '.join(words)} failed:\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}")
    return spent


def used() -> float:
    """Return the CPU time of all processes that this one has waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def change(page: Path, before: str, after: str) -> None:
    """Change a page."""
    text = page.read_text("utf-8")
    if before not in text:
        raise SystemExit(f"{page} has no {before!r} to change")
    page.write_text(text.replace(before, after, 1), "utf-8")


def measure(folder: Path) -> Iterable[tuple[str, Spent, str]]:
    """Yield each measure: its name, what was spent, and whether its goal is met."""
    shutil.copytree(ROOT, folder, ignore=LEFT)
    cells = spend(folder, "-m", "benchmarks.build", "--cells")
    yield "all cells in one process", cells, ""
    bare = spend(folder, *BARE, loud=False)  # it complains of what only cells can give
    yield "Sphinx without execution", bare, ""
    cold = spend(folder, *BUILD)
    ratio = cold.cpu / (cells.cpu + bare.cpu)
    yield "cold", cold, judged(ratio, COLD, "× the two above, CPU")
    for name, goal, before, after in SMALL:
        spent = []
        for _ in range(TIMES):
            if before:
                change(folder / PAGE, before, after)
            spent.append(spend(folder, *BUILD))
        best = min(spent, key=lambda one: one.clock)
        yield name, best, judged(best.clock, goal, f"s on the clock, the best of {TIMES}")


def judged(found: float, goal: float, unit: str) -> str:
    """Say whether a goal is met."""
    return f"{found:.2f} {unit}, goal {goal:g}: {'met' if found <= goal else 'missed'}"


def run_cells() -> None:
    """Run the cells of all pages, with the figures that they show, in this process."""
    from IPython.core.interactiveshell import InteractiveShell

    from mathforml.equations.pages import cells

    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
    docs = Path("docs").resolve()
    shell: Any = InteractiveShell.instance()
    for page in sorted(docs.rglob("*.md")):
        os.environ["MATHFORML_SOURCES"] = str(docs)
        os.environ["MATHFORML_PAGE"] = page.relative_to(docs).with_suffix("").as_posix()
        os.chdir(page.parent)
        shell.reset(new_session=False)
        for cell in cells(page):
            with open(os.devnull, "w") as sink, redirect_stdout(sink), redirect_stderr(sink):
                ran = shell.run_cell(cell.code)
            if not ran.success and "raises-exception" not in cell.head:
                raise SystemExit(f"{page}:{cell.line}: {ran.error_in_exec}")


def main() -> int:
    """Print what each build takes; return 1 if a goal is missed."""
    if "--cells" in sys.argv:
        run_cells()
        return 0
    print(f"{'':26}{'CPU':>8}{'clock':>9}")
    missed = False
    with tempfile.TemporaryDirectory() as folder:
        for name, spent, verdict in measure(Path(folder, "book")):
            print(f"{name:26}{spent.cpu:6.1f} s{spent.clock:7.1f} s   {verdict}", flush=True)
            missed |= verdict.endswith("missed")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
