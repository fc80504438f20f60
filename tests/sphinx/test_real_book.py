"""The promise of the book, kept on the book itself: one chapter, and a page that stands aside."""

import re
import shutil
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
ASIDE = "from mathforml.foundations.derivatives import derivative"
ONLY = """
root_doc = "neural/activations"
include_patterns = ["neural/activations.md", "aside.md"]
mathforml_describe_pages = False
"""


def test_a_bent_relu_vjp_is_red_twice_and_then_only_its_page_runs(foreign: Any) -> None:
    book = foreign("")
    for name in ("docs", "src", "tests"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, book.root / name, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", book.root)
    book.write("conf.py", (ROOT / "conf.py").read_text("utf-8") + ONLY)
    aside = book.page("aside", f"```{{code-cell}}\n{ASIDE}\n```\n")
    aside.write_text(aside.read_text("utf-8").replace("---\n", "---\norphan: true\n", 1), "utf-8")
    module = book.root / "src/mathforml/neural/activations.py"
    bent = module.read_text("utf-8").replace("np.where(x > 0, y_bar", "np.where(x < 0, y_bar")
    assert bent != module.read_text("utf-8")
    module.write_text(bent, "utf-8")
    first, second = (book.run("-m", "mathforml.sphinx", "build") for _ in range(2))
    for ran in (first, second):
        told = [line for line in ran.stderr.splitlines() if "activations.md" in line]
        assert ran.returncode == 1
        assert len(told) == 1
        assert told[0].startswith("ERROR: docs/neural/activations.md:")
        assert not (book.root / "build/html").exists()
    assert sorted(pages(first.stdout)) == ["aside", "neural/activations"]
    assert pages(second.stdout) == ["neural/activations"]


def pages(said: str) -> list[str]:
    """Return the pages whose cells ran."""
    return re.findall(r"^ran ([\w/]+),", said, re.MULTILINE)
