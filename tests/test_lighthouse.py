"""The scores of Lighthouse: pages by name, goals that can be missed, failures in one line.

Node.js is played by a script that writes what Lighthouse would.
"""

import json
import os
import sys
import urllib.error
import urllib.request

import pytest

from benchmarks import lighthouse
from benchmarks.lighthouse import GOALS, KINDS, PAGES, TIMES, line, main, missing, page_of, served


def report(score=1.0, **changes):
    """Return what Lighthouse says of a page that has this score in all."""
    return {
        "categories": {kind: {"score": score} for kind in KINDS},
        "audits": {audit: {"numericValue": 100.0} for audit in TIMES.values()},
        **changes,
    }


@pytest.fixture
def site(tmp_path):
    """Return a site of four pages."""
    for name in ("index", "start/notation", "neural/activations", "structure/pca"):
        path = tmp_path / "site" / f"{name}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"<title>{name}</title>", "utf-8")
    return tmp_path / "site"


@pytest.fixture
def node(tmp_path, monkeypatch):
    """Let programs of these names say what is given, after Lighthouse was installed."""
    folder = tmp_path / "lighthouse"
    program = folder / "node_modules/lighthouse/cli/index.js"
    program.parent.mkdir(parents=True)
    program.touch()
    monkeypatch.setattr(lighthouse, "FOLDER", folder)
    bin = tmp_path / "bin"
    bin.mkdir()
    monkeypatch.setenv("PATH", f"{bin}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("CHROMIUM", "/opt/chromium")

    def play(out="", err="", code=0):
        for name in ("node", "npm"):
            text = f"import sys\nprint({out!r})\nprint({err!r}, file=sys.stderr)\nsys.exit({code})"
            path = bin / name
            path.write_text(f"#!{sys.executable}\n{text}\n", "utf-8")
            path.chmod(0o755)

    play(json.dumps(report()))
    return play


@pytest.mark.parametrize(
    "given", ["start/notation", "start/notation.html", "docs/start/notation.md"]
)
def test_a_page_is_called_by_its_name_or_by_its_file(given):
    assert page_of(given) == "start/notation"


def test_each_page_is_scored_at_a_desk_and_on_a_phone(node, site, capsys):
    assert main(["--site", str(site), "--runs", "1", "start/notation"]) == 0
    _, *lines = capsys.readouterr().out.splitlines()
    assert [text.split()[:3] for text in lines] == [
        ["start/notation", "desktop", "100"],
        ["start/notation", "mobile", "100"],
    ]


def test_without_a_name_the_two_pages_of_the_help_are_scored(node, site, capsys):
    assert main(["--site", str(site), "--runs", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()[1:]
    assert list(dict.fromkeys(text.split()[0] for text in lines)) == list(PAGES)


def test_a_score_below_its_goal_is_marked_and_fails(node, site, capsys):
    node(json.dumps(report(score=0.94)))
    assert main(["--site", str(site), "--runs", "1", "index"]) == 1
    assert "94 < 95" in capsys.readouterr().out


@pytest.mark.parametrize("form", GOALS)
def test_the_middle_of_several_runs_counts(form):
    text, good = line("index", form, [report(0.1), report(1.0), report(1.0)])
    assert good
    assert "<" not in text


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("start/notatoin", "start/notation"), ("pca", "structure/pca"), ("xyz", None)],
)
def test_a_page_that_does_not_exist_is_one_line(node, site, capsys, wrong, right):
    assert main(["--site", str(site), "index", wrong]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    suggested = f"; perhaps {right!r}" if right else ""
    assert said.err == (
        f"no page {wrong!r} in {site}; expected a name such as 'neural/activations'{suggested}\n"
    )


def test_a_folder_without_a_site_is_one_line(tmp_path):
    assert missing(tmp_path) == f"{tmp_path} holds no site: run make html first"


def test_a_machine_without_node_is_one_line(site, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert missing(site).startswith("no Node.js: install node and npm")


def test_a_run_that_fails_is_one_line_with_the_reason(node, site, capsys):
    node(err="\nUnable to connect to Chrome\n    at launch (chrome.js:1)\n", code=1)
    assert main(["--site", str(site), "index"]) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith("Lighthouse failed on http://127.0.0.1:")
    assert said.endswith("/index.html: Unable to connect to Chrome")


def test_a_page_that_lighthouse_could_not_read_is_one_line(node, site, capsys):
    node(json.dumps(report(runtimeError={"code": "NO_FCP", "message": "Nothing was painted."})))
    assert main(["--site", str(site), "index"]) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert said.endswith("/index.html: Nothing was painted.")


def test_an_installation_that_fails_is_one_line(node, site, capsys):
    (lighthouse.FOLDER / "node_modules/lighthouse/cli/index.js").unlink()
    node(code=1)
    assert main(["--site", str(site), "index"]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == f"npm could not install {lighthouse.VERSION}"


def test_the_host_compresses_what_it_serves_and_misses_what_is_not_there(site):
    with served(site) as address:
        with urllib.request.urlopen(f"{address}start/notation.html") as answer:
            assert answer.headers["Content-Encoding"] == "gzip"
        with pytest.raises(urllib.error.HTTPError, match="404") as missed:
            urllib.request.urlopen(f"{address}start/notation")
        missed.value.close()
