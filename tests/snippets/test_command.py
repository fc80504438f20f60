"""The command line finds functions, copies them, and says where they are from."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mathforml import __main__ as command
from mathforml.snippets import LICENSE, SnippetError, snippet
from mathforml.snippets.finding import catalog, find, matching
from mathforml.snippets.writing import plain

ROOT = Path(__file__).parents[2]
ENTRIES = catalog()


def run(code):
    """Run a copy where there is no package, and return its names."""
    names = {"__name__": "copy"}
    exec(compile(code, "copy", "exec", dont_inherit=True), names)
    return names


# The header


def test_the_header_says_where_it_is_from_whose_it_is_and_where_it_is_derived():
    code = snippet("mathforml.neural.activations.softmax_vjp", site="https://book.example").code
    lines = code.splitlines()
    assert lines[0] == "# Source: mathforml.neural.activations (softmax_vjp)"
    assert lines[1] == "# With what it needs of mathforml.shapes"
    assert lines[2].startswith("# Version: mathforml 0")
    assert lines[3] == f"# License: {LICENSE}"
    assert "https://book.example/neural/activations.html" in "".join(lines[4:6])


def test_the_license_is_that_of_the_project():
    name, holder = LICENSE.split(". ")
    text = (ROOT / "LICENSE").read_text("utf-8")
    assert name in text
    assert holder in text


def test_the_address_is_that_of_the_published_book_if_it_is_known(monkeypatch):
    monkeypatch.setenv("SITE_URL", "https://published.example/book/")
    assert (
        "https://published.example/book/neural/network.html"
        in snippet("mathforml.neural.network.init").code
    )
    monkeypatch.delenv("SITE_URL")
    assert "docs/neural/network.md" in snippet("mathforml.neural.network.init").code


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Do it, :eq:`eq-relu`.", "Do it, [eq-relu]."),
        (":func:`relu` and :func:`~a.b.relu`", "`relu` and `relu`"),
        (r":math:`\bar x`", r"$\bar x$"),
        ("Read :doc:`/neural/network`.", "Read neural/network."),
        (":py:class:`the bend <a.Bend>` of :cite:p:`who`", "`the bend` of [who]"),
        ("``x: n d, y: n`` and `plain`", "``x: n d, y: n`` and `plain`"),
    ],
)
def test_roles_read_well_outside_the_book(written, read):
    assert plain(written) == read


# The command line


def said(capsys, *words):
    """Run the command line; return its code, what it printed, and what it complained of."""
    code = command.main(words)
    out, errors = capsys.readouterr()
    return code, out, errors


def test_a_short_name_is_enough_where_it_means_one_thing(capsys):
    long = "mathforml.neural.activations.softmax_vjp"
    outputs = [said(capsys, "copy", n) for n in ("softmax_vjp", "activations.softmax_vjp", long)]
    assert outputs == [(0, snippet(long).code, "")] * 3
    z = np.array([1.0, 2.0])
    assert run(outputs[0][1])["softmax_vjp"](z, z).sum() == pytest.approx(0, abs=1e-15)


def test_what_is_not_public_is_copied_by_its_full_name(capsys):
    code, out, _ = said(capsys, "copy", "mathforml.neural.network._step")
    assert code == 0
    assert "\ndef _step(" in out


def test_several_share_one_block(capsys):
    _, out, _ = said(capsys, "copy", "relu_vjp", "sigmoid_vjp")
    assert out.count("def check_shapes") == 1
    assert {"relu_vjp", "sigmoid_vjp"} <= run(out).keys()


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("sofmax", "no 'sofmax' to copy; did you mean mathforml.neural.activations.softmax, "),
        ("Softmax", "did you mean mathforml.neural.activations.softmax"),
        ("mathforml.neural.softmax", "did you mean mathforml.neural.activations.softmax"),
        ("activations", "activations is a module; say what of it: relu, relu_vjp, "),
        ("qqqqqq", "see python -m mathforml list"),
    ],
)
def test_a_misspelt_name_gets_a_suggestion(capsys, word, message):
    code, out, errors = said(capsys, "copy", word)
    assert (code, out) == (1, "")
    assert message in errors


def test_an_ambiguous_name_is_listed():
    entries = [one._replace(name="step") for one in ENTRIES[:1] + ENTRIES[-1:]]
    with pytest.raises(SnippetError, match="step means several; say which: ") as caught:
        find("step", entries)
    assert all(one.full in str(caught.value) for one in entries)


def test_a_file_is_written_whole_or_not_at_all(capsys, tmp_path, monkeypatch):
    path = tmp_path / "mine.py"
    path.write_text("mine")
    assert said(capsys, "copy", "sofmax", "--output", str(path))[0] == 1
    assert path.read_text() == "mine"

    def full(self, target):
        raise OSError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", full)
        code, _, errors = said(capsys, "copy", "relu", "--output", str(path))
    assert (code, "disk full" in errors) == (1, True)
    assert path.read_text() == "mine"
    assert said(capsys, "copy", "relu", "--output", str(path))[0] == 0
    assert path.read_text("utf-8") == snippet("mathforml.neural.activations.relu").code
    assert list(tmp_path.iterdir()) == [path]
    assert said(capsys, "copy", "relu", "--output", str(tmp_path / "no/such"))[0] == 1


def test_the_list_finds_by_name_and_by_summary(capsys):
    _, out, _ = said(capsys, "list", "softmax")
    assert "mathforml.neural.activations" in out.splitlines()
    assert re.search(r"\n  softmax +Turn scores into probabilities along the last axis\.\n", out)
    assert {one.name for one in matching("PROBABILITIES", ENTRIES)} >= {"softmax"}
    assert said(capsys, "list", "qqqqqq")[0] == 1


def test_the_list_is_of_the_mathematics_and_whole():
    found = {entry.module for entry in ENTRIES}
    assert "mathforml.shapes" in found
    assert {name.split(".")[1] for name in found} & {"sphinx", "equations", "snippets"} == set()
    for entry in ENTRIES:
        assert find(entry.full, ENTRIES) == entry.full


def test_what_the_readme_says_works(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "README.md").read_text("utf-8")
    commands = re.findall(r"^python -m mathforml (.*)$", text, re.MULTILINE)
    assert len(commands) >= 2
    assert [said(capsys, *words.split())[0] for words in commands] == [0] * len(commands)
    assert "def softmax_vjp(" in (tmp_path / "softmax_vjp.py").read_text("utf-8")


def test_the_module_runs_where_there_is_nothing_but_python():
    """No NumPy, no site-packages: the command line reads sources."""
    words = [sys.executable, "-S", "-m", "mathforml", "copy", "relu"]
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    ran = subprocess.run(words, env=env, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert "def relu(" in ran.stdout
