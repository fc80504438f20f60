"""The promise of the book, kept on the book itself."""

import shutil
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def test_a_bent_relu_vjp_is_red_twice_and_then_only_its_page_runs(foreign: Any) -> None:
    book = foreign("")
    for name in ("docs", "src", "tests"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, book.root / name, ignore=ignored)
    for name in ("conf.py", "pyproject.toml"):
        shutil.copy(ROOT / name, book.root / name)
    module = book.root / "src/mathforml/neural/activations.py"
    bent = module.read_text("utf-8").replace("np.where(x > 0, y_bar", "np.where(x < 0, y_bar")
    assert bent != module.read_text("utf-8")
    module.write_text(bent, "utf-8")
    for _ in range(2):
        ran = book.run("-m", "mathforml.sphinx", "build")
        assert ran.returncode == 1
        told = [line for line in ran.stderr.splitlines() if "ERROR" in line]
        assert len(told) == 1
        assert told[0].startswith("ERROR: docs/neural/activations.md:")
        assert not (book.root / "build/html").exists()
    pages = [line.split(",")[0] for line in ran.stdout.splitlines() if line.startswith("ran ")]
    assert pages == ["ran neural/activations"]
