"""Every public name of the book stands alone, and passes its own tests there."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mathforml.snippets import snippet
from mathforml.snippets.finding import catalog

ROOT = Path(__file__).parents[2]
ENTRIES = catalog()


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.full)
def test_every_public_name_runs_alone_and_imports_only_python_and_numpy(entry):
    tree = ast.parse(code := snippet(entry.full).code)
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    modules = [getattr(one, "module", None) or one.names[0].name for one in imports]
    assert {name.partition(".")[0] for name in modules} <= {"numpy", *sys.stdlib_module_names}
    names = {"__name__": "copy"}
    exec(compile(code, entry.full, "exec", dont_inherit=True), names)
    assert entry.name in names


def test_every_copy_is_formatted_and_linted_as_the_project_is(tmp_path):
    for entry in ENTRIES:
        (tmp_path / f"{entry.full.replace('.', '_').lower()}_{len(entry.name)}.py").write_text(
            snippet(entry.full).code, "utf-8"
        )
    config = ["--config", str(ROOT / "pyproject.toml"), str(tmp_path)]
    for verb in (["check"], ["format", "--check"]):
        words = [sys.executable, "-m", "ruff", *verb, *config]
        ran = subprocess.run(words, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stdout


def test_every_copy_passes_the_tests_of_the_original():
    """Modules made of copies take the place of the package; see standins.py."""
    parts = sorted({entry.module.split(".")[1] for entry in ENTRIES})
    paths = [path for part in parts for path in (f"tests/{part}", f"tests/test_{part}.py")]
    paths = [path for path in paths if (ROOT / path).exists()]
    folders = [
        str(ROOT / "tests/snippets"),
        str(ROOT / "src"),
        *filter(None, [os.environ.get("PYTHONPATH")]),
    ]
    words = [sys.executable, "-m", "pytest", "-x", "-p", "standins", "-p", "no:cacheprovider"]
    ran = subprocess.run(
        [*words, *paths],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(folders)},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout
    report = next(line for line in ran.stdout.splitlines() if line.startswith("copies: "))
    used = json.loads(report.removeprefix("copies: "))
    assert {entry.module for entry in ENTRIES} <= set(used)
