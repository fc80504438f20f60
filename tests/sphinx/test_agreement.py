"""The comparisons with libraries, from kept data, on a page of another book."""

import json
import re

import pytest

MODULE = '"""Slopes."""\n\n\ndef double(x):\n    """Return twice ``x``."""\n    return 2 * x\n'
API = "# API\n\n```{eval-rst}\n.. automodule:: tiny.slopes\n   :members:\n```\n"
ROW = {"function": "tiny.slopes.double", "call": "numpy.multiply(2, x)", "note": ""}
DATA = {
    "module": "page",
    "machine": "Linux on x86_64, one thread",
    "versions": {"Python": "3.13", "NumPy": "2.4"},
    "cases": [
        {**ROW, "data": "3 numbers", "difference": 2e-16, "ratio": 0.5, "goal": 1.0},
        {**ROW, "data": "9 numbers", "difference": 0.0, "ratio": 2.5, "goal": 2.0},
        {**ROW, "data": "one", "difference": 0.0, "ratio": 3.0, "goal": None, "note": "no $x$"},
    ],
    "right": [{**ROW, "claim": "it doubles", "ours": "is right", "theirs": "is off by 2e-09"}],
    "growth": [{**ROW, "sizes": [1000, 2000], "fitted": 1.1, "derived": 1.0}],
    "without": {"tiny.slopes.double": "there is none"},
}
CONF = """
myst_enable_extensions = ["dollarmath"]
extensions += ["sphinx.ext.autodoc"]
html_math_renderer = "mathml"
mathforml_data = {"agreement": ["../results"]}
"""


@pytest.fixture(scope="module")
def project(foreign):
    """Return a book with one page of comparisons, built once."""
    book = foreign(CONF)
    book.write("src/tiny/__init__.py", "")
    book.write("src/tiny/slopes.py", MODULE)
    book.write("docs/index.md", "# Book\n\n```{toctree}\npage\nagreement\napi\n```\n")
    book.write("docs/api.md", API)
    book.write("docs/page.md", "# Page\n")
    book.write("docs/agreement.md", "# Agreement\n\n```{agreement} ../results\n```\n")
    book.write("results/page.json", json.dumps(DATA))
    code, errors, _ = book.build()
    assert code == 0, errors
    return book


def read(book):
    return (book.root / "build/html/agreement.html").read_text("utf-8")


def text(html):
    return " ".join(re.sub("<[^>]*>", " ", html).split())


def test_the_sums_come_first(project):
    said = "1 function in 3 comparisons; 1 of 2 goals met; 1 input on which a library is wrong"
    assert said in text(read(project))


def test_a_comparison_names_the_function_the_call_and_the_ratio(project):
    html = read(project)
    rows = [text(row) for row in re.findall(r"<tr.*?</tr>", html, re.DOTALL)[1:]]
    assert rows[0].startswith("double , 3 numbers numpy.multiply(2, x)")
    assert rows[0].endswith("×0.5 goal 1")
    assert rows[1].endswith("none ×2.5 goal 2")
    assert rows[2].endswith("no x none ×3")
    assert 'href="api.html#tiny.slopes.double"' in html


def test_what_is_more_right_and_how_time_grows_are_told(project):
    told = text(read(project))
    assert "it doubles. Ours is right; numpy.multiply(2, x) is off by 2e−9." in told
    assert "from 1,000 to 2,000, time grows with the power 1.1; derived: 1" in told
    assert "Not compared: double : there is none." in told
    assert "Linux on x86_64, one thread; Python 3.13, NumPy 2.4." in told


def test_the_page_follows_its_data_and_reads_no_other(project):
    file = project.root / "results/page.json"
    file.write_text(json.dumps({**DATA, "machine": "another machine"}), "utf-8")
    code, errors, _ = project.build()
    assert code == 0, errors
    assert "another machine" in read(project)
    project.write("results/other.json", json.dumps({**DATA, "module": "index"}))
    assert project.build()[0] == 0
    assert read(project).count("another machine") == 1
    assert read(project).count(DATA["machine"]) == 1


def test_a_folder_without_data_is_refused(project):
    page = project.root / "docs/agreement.md"
    page.write_text("# Agreement\n\n```{agreement} ../nothing\n```\n", "utf-8")
    code, errors, _ = project.build()
    assert code == 1
    assert "no data in ../nothing: run the benchmarks" in errors
