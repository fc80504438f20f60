"""What a certificate records, and how it is shown."""

import json
import sys
from dataclasses import FrozenInstanceError
from types import SimpleNamespace

import numpy as np
import pytest

from mathforml.equations import EquationMismatch, verify
from mathforml.equations.certificates import MIME, digest
from mathforml.neural.activations import softmax

rng = np.random.default_rng(6)
LATEX = r"\frac{\partial p_i}{\partial z_j} = p_i (\delta_{ij} - p_j)"


@pytest.fixture
def certificate():
    return verify(LATEX, p=softmax, z=rng.normal(size=4))


def test_it_says_what_was_compared(certificate):
    (step,) = certificate.steps
    assert step.relation == "="
    assert step.latex == LATEX
    assert step.ranges == {"i": 4, "j": 4}
    assert step.difference < 1e-9
    assert step.tolerance == 1e-6
    assert certificate.difference == step.difference


def test_it_says_on_what(certificate):
    assert certificate.shapes == {"p": "function", "z": "(4,)"}
    assert certificate.draws == 1
    assert not certificate.tight


def test_it_says_how(certificate):
    assert certificate.methods == ("derivatives by extrapolated central differences",)
    assert certificate.readings == {r"p_i(\delta_{ij} - p_j)": "product"}


def test_it_names_the_functions_of_the_package_that_were_bound(certificate):
    assert certificate.functions == ("mathforml.neural.activations.softmax",)


def test_it_names_the_functions_of_the_package_that_a_binding_calls():
    found = verify("f(z) = p", f=lambda z: softmax(z), p=softmax(np.ones(2)), z=np.ones(2))
    assert found.functions == ("mathforml.neural.activations.softmax",)


def test_its_text_can_be_read(certificate):
    lines = str(certificate).splitlines()
    assert lines[0] == "equation: holds"
    assert lines[1].startswith(f"  {LATEX}  [i = 1…4, j = 1…4]  largest relative difference ")
    assert lines[2] == "  p: function, z: (4,)"
    assert lines[3] == "  code: mathforml.neural.activations.softmax"


def test_it_is_shown_as_text_html_and_data(certificate):
    bundle = certificate._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html", MIME}
    assert "<summary>equation: holds" in bundle["text/html"]
    data = json.loads(json.dumps(bundle[MIME]))
    assert data["digest"] == certificate.digest == digest(LATEX)
    assert data["steps"][0]["ranges"] == {"i": 4, "j": 4}
    assert data["difference"] == certificate.difference


def test_it_cannot_be_changed(certificate):
    with pytest.raises(FrozenInstanceError):
        certificate.label = "eq-other"


def test_the_digest_ignores_white_space():
    assert digest("a = b") == digest("  a\n =\t b ")
    assert digest("a = b") != digest("a = c")


def test_draws_are_counted_and_the_largest_difference_kept():
    certificate = verify("(a + b)^2 = a^2 + 2ab + b^2",
                         draws=lambda rng: {"a": rng.normal(), "b": rng.normal()})  # fmt: skip
    assert certificate.draws == 5
    assert "  on 5 random draws" in str(certificate)


@pytest.fixture
def shown(monkeypatch):
    """Pretend that IPython runs, and collect what it is asked to show."""
    found = []
    display = SimpleNamespace(display=lambda bundle, raw: found.append(bundle))
    ipython = SimpleNamespace(
        get_ipython=lambda: SimpleNamespace(execution_count=1), display=display
    )
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    return found


def test_where_ipython_runs_each_certificate_publishes_itself(shown):
    for k in range(3):
        verify("a = k", a=k, k=k)
    assert len(shown) == 3
    assert all(MIME in bundle for bundle in shown)


def test_a_refused_equation_publishes_nothing(shown):
    with pytest.raises(EquationMismatch):
        verify("a = 2", a=1)
    assert shown == []


def test_where_ipython_does_not_run_it_is_not_imported(monkeypatch):
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    verify("a = 1", a=1)
    assert "IPython" not in sys.modules


def test_shapes_are_those_of_the_symbols_used():
    certificate = verify("a = b_1", a=1, b=np.array([1.0, 2.0]), c=3, f=np.sin)
    assert certificate.shapes == {"a": "()", "b": "(2,)"}
