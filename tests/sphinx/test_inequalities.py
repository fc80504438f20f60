"""An inequality holds; it has no difference to boast of."""

import json

from mathforml.equations import verify
from mathforml.equations.certificates import MIME
from mathforml.sphinx.certificates import figures, steps
from mathforml.sphinx.marks import agreement


def data(latex, **bindings):
    """Return what the page learns of a verified equation."""
    mime = verify(latex, **bindings)._repr_mimebundle_()[MIME]
    return json.loads(json.dumps(mime))


def text(found):
    return "".join(node.astext() for node in found)


def test_a_bound_is_not_said_to_make_its_sides_equal():
    loose = data(r"x^2 \ge 0", x=3.0)
    assert agreement([loose]) == "the inequality holds"
    assert text(figures(loose)) == "an inequality"


def test_a_bound_that_is_reached_says_so():
    tight = data(r"x^2 \ge 0", x=3.0, tight={"x": 0.0})
    assert agreement([tight]) == "the inequality holds, and is tight"
    assert text(figures(tight)) == "a tight inequality"
    assert "inequality holds" in steps(tight["steps"]).astext()


def test_an_equation_beside_a_bound_keeps_its_difference():
    mixed = data(r"x \le 2 x = x + x", x=3.0)
    assert agreement([mixed]) == "the sides are equal"
    assert text(figures(mixed)) == "2 steps, no difference"
