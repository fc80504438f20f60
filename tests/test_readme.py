"""What the README promises is there, and runs."""

import doctest
import re
from pathlib import Path

import mathforml.equations
from mathforml.equations.certificates import unpublished

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def test_its_examples_give_what_they_show():
    with unpublished():  # another test may have left an IPython shell
        found = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert found.attempted >= 5
    assert found.failed == 0


def test_its_commands_exist():
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"`make (\w+)`", README)) <= targets


def test_its_links_lead_somewhere():
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert links
    assert all((ROOT / link).exists() for link in links if "://" not in link)


def test_the_example_of_the_engine_runs():
    with unpublished():
        assert doctest.testmod(mathforml.equations).failed == 0


def test_contributing_fits_a_screen():
    assert len((ROOT / "CONTRIBUTING.md").read_text("utf-8").splitlines()) <= 50
