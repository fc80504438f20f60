"""The plan of the book: one name, three files; reading order is import order."""

import re
import tomllib
from pathlib import Path

import pytest

from mathforml.sphinx.meanings import read

ROOT = Path(__file__).parents[1]
PARTS = (
    "foundations",
    "linear_algebra",
    "calculus",
    "optimization",
    "probability",
    "statistics",
    "learning",
    "structure",
    "graphical",
    "neural",
    "decisions",
)  # the mathematical parts, in reading order


def names(folder: str, pattern: str) -> set[str]:
    """Return ``part/name`` for every file that matches, openers of parts left out."""
    found = [f for part in PARTS for f in (ROOT / folder / part).glob(pattern)]
    stems = {f"{f.parent.name}/{f.stem.removeprefix('test_')}" for f in found}
    return {name for name in stems if not name.endswith("/index")}


def entries(page: str) -> list[str]:
    """Return the entries of the first table of contents of a page, in order."""
    text = (ROOT / "docs" / f"{page}.md").read_text("utf-8")
    fence = re.search(r"```\{toctree\}\n(.*?)```", text, re.DOTALL)
    assert fence, f"{page} has no table of contents"
    lines = (line.strip() for line in fence[1].splitlines())
    return [line for line in lines if line and not line.startswith((":", "-"))]


def parts() -> list[str]:
    """Return the mathematical parts that the book has, in the order of its table of contents."""
    folders = [entry.removesuffix("/index") for entry in entries("index")]
    return [folder for folder in folders if folder in PARTS]


MODULES = names("src/mathforml", "[!_]*.py")


def test_the_book_has_modules():
    assert MODULES


def test_each_module_has_its_test_file():
    assert names("tests", "test_[!_]*.py") == MODULES


def test_each_module_has_its_page():
    assert names("docs", "*.md") == MODULES


def test_each_page_is_in_the_table_of_contents():
    listed = {f"{part}/{page}" for part in parts() for page in entries(f"{part}/index")}
    assert listed == MODULES


def test_parts_are_read_in_the_order_in_which_they_may_import():
    config = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    layers = config["tool"]["importlinter"]["contracts"][0]["layers"]
    low_to_high = [layer.removeprefix("mathforml.") for layer in reversed(layers)]
    assert parts() == [layer for layer in low_to_high if layer in PARTS]
    assert parts() == sorted(parts(), key=PARTS.index)


@pytest.mark.parametrize("package", sorted((ROOT / "src/mathforml").glob("*/__init__.py")))
def test_openers_of_parts_import_nothing(package):
    """A page would otherwise be stale whenever any module of the part changed."""
    if package.parent.name in PARTS:
        assert "import" not in package.read_text("utf-8").split('"""')[-1]


READERS = re.compile(
    r"\A---\n(?:[^-].*\n)*readers: \{analyst: (\w+), engineer: (\w+), "
    r"scientist: (\w+), researcher: (\w+)\}$",
    re.MULTILINE,
)


def test_every_chapter_says_who_needs_it():
    for name in sorted(MODULES):
        said = READERS.match((ROOT / "docs" / f"{name}.md").read_text("utf-8"))
        assert said, f"{name}: expected readers: {{analyst: must, engineer: useful, …}} at its top"
        assert set(said.groups()) <= {"must", "useful", "skip"}, name


def test_every_chapter_builds_on_earlier_ones():
    labels = {
        label: name
        for name in MODULES
        for text in [(ROOT / "docs" / f"{name}.md").read_text("utf-8")]
        for label in re.findall(r"^\(([\w-]+)\)=$", text, re.MULTILINE)
    }
    order = [f"{part}/{page}" for part in parts() for page in entries(f"{part}/index")]
    for name in order:
        text = (ROOT / "docs" / f"{name}.md").read_text("utf-8")
        before = re.search(r"^Before\n: (.*?)\n\n\S", text, re.MULTILINE | re.DOTALL)
        assert before, f"{name} has no list Before"
        goals = {labels[to] for to in re.findall(r"\(#([\w-]+)\)", before[1]) if to in labels}
        late = sorted(goal for goal in goals if order.index(goal) >= order.index(name))
        assert not late, f"{name} builds on {', '.join(late)}, which the reader does not know yet"


def test_every_block_of_the_notation_is_whole():
    path = ROOT / "docs/notation.toml"
    assert [f"{path.name}:{line}: {fault}" for line, fault in read(path).problems] == []
