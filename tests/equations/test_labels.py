"""Finding labelled displays in MyST sources."""

import json

import pytest

from mathforml.equations import EquationError, verify
from mathforml.equations.labels import displays, find_display

SOURCE = r"""
# A page

Inline $a = b$ and `$$c = d$$ (eq-code)` are passed over.

$$a = b$$ (eq-one)

$$
x &= y \\
  &= z
$$ (eq-two)

$$
no = label
$$

```{math}
:label: eq-three
:nowrap:

p = q
```

:::{math}
:label: eq-colons
u = v
:::

```{code-cell}
text = "$$e = f$$ (eq-in-code)"
```

% $$g = h$$ (eq-comment)

````{admonition} A box
$$
s = t
$$ (eq-boxed)
````
"""


def test_displays_are_found_in_order():
    found = {d.label: d.latex for d in displays(SOURCE)}
    assert found == {
        "eq-one": "a = b",
        "eq-two": "x &= y \\\\\n  &= z",
        "eq-three": "p = q",
        "eq-colons": "u = v",
        "eq-boxed": "s = t",
    }
    assert list(found) == ["eq-one", "eq-two", "eq-three", "eq-colons", "eq-boxed"]


def test_displays_know_their_line():
    lines = SOURCE.split("\n")
    for display in displays(SOURCE):
        if display.label in ("eq-one", "eq-two"):
            assert "$$" in lines[display.line - 1]
        if display.label == "eq-three":
            assert "{math}" in lines[display.line - 1]


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / "one.md").write_text("$$a = 2$$ (eq-a)\n", encoding="utf-8")
    (tmp_path / "two.md").write_text("$$b = 3$$ (eq-b)\n", encoding="utf-8")
    cells = [{"cell_type": "markdown", "source": ["$$c = 4$$ (eq-c)\n"]}]
    (tmp_path / "three.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
    monkeypatch.setenv("MATHFORML_SOURCES", str(tmp_path))
    monkeypatch.delenv("MATHFORML_PAGE", raising=False)
    return tmp_path


def test_a_label_stands_for_its_display(project):
    certificate = verify("eq-a", a=2)
    assert (certificate.label, certificate.latex) == ("eq-a", "a = 2")
    verify("eq-c", c=4)


def test_a_page_verifies_its_own_labels_only(project, monkeypatch):
    monkeypatch.setenv("MATHFORML_PAGE", "part/one")
    verify("eq-a", a=2)
    message = r"eq-b is displayed on two.md; a page verifies its own labels only"
    with pytest.raises(EquationError, match=message):
        verify("eq-b", b=3)
    with pytest.raises(EquationError, match=r"no display of one.md is labelled eq-x"):
        verify("eq-x", b=3)


def test_a_display_is_read_anew_when_its_file_changes(project):
    verify("eq-a", a=2)
    (project / "part" / "one.md").write_text("$$a = 2 + 0 + 5$$ (eq-a)\n", encoding="utf-8")
    verify("eq-a", a=7)


def test_without_the_extension_labels_are_found_upwards(tmp_path, monkeypatch):
    monkeypatch.delenv("MATHFORML_SOURCES", raising=False)
    (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
    (tmp_path / "docs" / "deep").mkdir(parents=True)
    (tmp_path / "docs" / "page.md").write_text("$$a = 2$$ (eq-a)\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path / "docs" / "deep")
    assert find_display("eq-a").latex == "a = 2"


def test_a_bare_environment_is_refused_with_advice(project):
    text = "\\begin{align}\na &= 2 \\label{eq-bare}\n\\end{align}\n"
    (project / "two.md").write_text(text, encoding="utf-8")
    with pytest.raises(
        EquationError, match=r"eq-bare stands in a bare LaTeX environment in two.md"
    ):
        verify("eq-bare", a=2)


def test_an_unknown_label_is_refused_with_the_ways_to_label(project):
    with pytest.raises(EquationError) as caught:
        verify("eq-nobody", a=2)
    assert str(caught.value) == (
        "no display is labelled eq-nobody; expected $$…$$ (eq-nobody), a math directive with "
        ":label: eq-nobody, or LaTeX with a relation"
    )


def test_a_label_belongs_to_one_display(tmp_path, monkeypatch):
    (tmp_path / "page.md").write_text("$$a = 1$$ (eq-a)\n\ntext\n\n$$a = 2$$ (eq-a)\n")
    monkeypatch.setenv("MATHFORML_SOURCES", str(tmp_path))
    monkeypatch.delenv("MATHFORML_PAGE", raising=False)
    with pytest.raises(EquationError, match="eq-a labels several displays, on the lines 1 and 5"):
        verify("eq-a", a=1)
