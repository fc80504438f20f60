"""A copy does what the original does, or is refused with a reason."""

from textwrap import dedent

import pytest

from mathforml.snippets import SnippetError


def block(text):
    """Return indented lines as they would stand in a file."""
    return dedent(text).lstrip("\n")


def run(code):
    """Run a copy where there is no package, and return its names."""
    assert "import pkg" not in code
    assert "from pkg" not in code
    names = {"__name__": "copy"}
    exec(compile(code, "copy", "exec", dont_inherit=True), names)
    return names


def body(code):
    """Return a copy without its header."""
    return code.partition('"""\n\n')[2]


# What a copy contains


def test_it_holds_what_is_needed_and_nothing_else(package):
    code = package(
        "a.f",
        a="""
            from math import pi, tau

            ONE = 1
            TWO = 2


            def g():
                return ONE


            def h():
                return TWO * tau


            def f(TWO):
                h = TWO * pi
                return g() + h
        """,
    )
    assert body(code) == (
        block("""
        from math import pi

        ONE = 1


        def g():
            return ONE


        def f(TWO):
            h = TWO * pi
            return g() + h
    """)
    )


def test_constants_come_before_helpers_and_helpers_before_what_was_asked_for(package):
    code = package(
        "a.f",
        a="""
            def f(x, start=FIRST):
                return _g(x)


            def _g(x):
                return x + LAST


            FIRST = 1
            # The end.
            LAST = 2  # of it
        """,
    )
    assert body(code) == (
        block("""
        FIRST = 1
        # The end.
        LAST = 2  # of it


        def _g(x):
            return x + LAST


        def f(x, start=FIRST):
            return _g(x)
    """)
    )


def test_imports_are_merged_and_sorted(package):
    code = package(
        "a.f",
        a="""
            import numpy as np
            from numpy.typing import NDArray
            from pkg.b import g


            def f(x: NDArray[np.float64]):
                return g(x)
        """,
        b="""
            from collections.abc import Callable
            import math
            import numpy as np
            from numpy.typing import ArrayLike
            from pkg.c import h

            F = Callable[[ArrayLike], float]


            def g(x: F):
                return np.sin(math.pi) + h
        """,
        c="""
            import math as m

            h = m.tau
        """,
    )
    assert body(code).startswith(
        "import math as m\nfrom collections.abc import Callable\n\n"
        "import numpy as np\nfrom numpy.typing import ArrayLike, NDArray\n\n"
        "F = Callable[[ArrayLike], float]\nh = m.tau\n\n\ndef g(x: F):\n"
        "    return np.sin(m.pi) + h\n"
    )
    run(code)


def test_a_class_with_its_decorator_and_its_methods_comes_along(package):
    code = package(
        "a.f",
        a="""
            from dataclasses import dataclass, field
            from typing import NamedTuple

            SIZE = 3


            class P(NamedTuple):
                x: float = SIZE

                def twice(self):
                    return two(self.x)


            @dataclass(frozen=True)
            class Q:
                p: P
                z: list = field(default_factory=list)


            def two(x):
                return 2 * x


            def f():
                return Q(P()).p.twice()
        """,
    )
    assert run(code)["f"]() == 6


def test_decorators_of_the_package_and_of_python_come_along(package):
    code = package(
        "a.f",
        a="""
            from functools import cache, wraps


            def loud(g):
                @wraps(g)
                def inner(*args):
                    return LEVEL * g(*args)

                return inner


            LEVEL = 10


            @cache
            @loud
            def f(x):
                return x
        """,
    )
    assert run(code)["f"](2) == 20


def test_recursion_alone_and_in_pairs(package):
    code = package(
        "a.even",
        a="""
            def even(n):
                return n == 0 or odd(n - 1)


            def odd(n):
                return n != 0 and even(n - 1)
        """,
    )
    assert run(code)["even"](10)
    code = package(
        "a.f",
        a="""
            def f(n):
                return n and f(n - 1)
        """,
    )
    assert run(code)["f"](3) == 0


def test_what_runs_at_definition_finds_what_it_calls(package):
    """TABLE calls g, g needs SCALE: both must stand before it."""
    code = package(
        "a.f",
        a="""
            SCALE = 2


            def g():
                return SCALE * h()


            def h():
                return 5


            TABLE = [g() for _ in range(2)]


            def f(n=TABLE[0]):
                return n
        """,
    )
    assert run(code)["f"]() == 10


def test_a_constant_and_a_function_may_need_each_other(package):
    code = package(
        "a.f",
        a="""
            def f(n):
                return TABLE[n](0) if n else 7


            TABLE = {1: f, 2: lambda x: g(x)}


            def g(x):
                return TABLE
        """,
    )
    assert run(code)["f"](1) == 7


def test_one_statement_for_two_names(package):
    code = package(
        "a.f",
        a="""
            LOW, HIGH = 1, 2


            def f():
                return HIGH
        """,
    )
    assert run(code)["f"]() == 2


def test_annotations_in_quotes_are_needed_too(package):
    code = package(
        "a.f",
        a="""
            from typing import TYPE_CHECKING, Literal

            if TYPE_CHECKING:
                from pkg.b import Box as B
                from numpy.typing import NDArray


            def f(x: 'B', y: 'NDArray | None' = None, z: Literal['q'] = 'q'):
                return x
        """,
        b="""
            class Box:
                def me(self) -> 'Box':
                    return self
        """,
    )
    assert "class Box:" in code
    assert "x: 'Box'" in code
    assert "from numpy.typing import NDArray\n" in code
    run(code)


def test_postponed_annotations_stay_postponed(package):
    code = package(
        "a.A",
        a="""
            from __future__ import annotations

            from dataclasses import dataclass


            @dataclass
            class A:
                b: B


            @dataclass
            class B:
                a: A | None = None
        """,
    )
    assert body(code).startswith("from __future__ import annotations\n\nfrom dataclasses import")
    names = run(code)
    assert names["A"](names["B"]()).b.a is None


def test_overloads_stay_together(package):
    code = package(
        "a.f",
        a="""
            from typing import overload


            @overload
            def f(x: int) -> int: ...
            @overload
            def f(x: str) -> str: ...
            def f(x):
                return x
        """,
    )
    assert code.count("def f(") == 3
    run(code)


# Names


def test_a_renamed_import_goes_by_its_own_name(package):
    code = package(
        "a.f",
        a="""
            from pkg.b import total as _t


            def f(x):
                return _t(x) + max(map(_t, x))
        """,
        b="""
            def total(x):
                return x
        """,
    )
    assert "return total(x) + max(map(total, x))" in code


def test_what_is_handed_on_is_taken_from_where_it_is_defined(package):
    code = package(
        "a.f",
        "h.g",
        a="""
            from pkg.b import g as h


            def f():
                return h()
        """,
        b="""
            from pkg.c import *
            from .c import g

            __all__ = ['g']
        """,
        c="""
            def g():
                return 3
        """,
        h="from pkg.b import g\n",
    )
    assert run(code)["f"]() == 3
    assert code.count("def g") == 1


@pytest.mark.parametrize(
    ("line", "call"),
    [
        ("import pkg.low", "pkg.low.g()"),
        ("import pkg.low as low", "low.g()"),
        ("from pkg import low", "low.g()"),
        ("from . import low", "low.g()"),
        ("import pkg", "pkg.low.g()"),
    ],
)
def test_access_through_a_module_becomes_a_name(package, line, call):
    low = "import numpy as np\n\n\ndef g():\n    return np.linalg.norm([3, 4])\n"
    code = package("a.f", a=f"{line}\n\n\ndef f():\n    return ({call}, [{call}])\n", low=low)
    assert "return (g(), [g()])" in code
    assert run(code)["f"]() == (5, [5])


def test_two_helpers_of_one_name_are_told_apart(package):
    code = package(
        "a.f",
        a="""
            from pkg.b import g


            def _step(x):
                return x + 1


            def f(x):
                return _step(x) * g(x)
        """,
        b="""
            def _step(x, deep=True):
                return _step(x, False) if deep else 10 * x


            STEPS = {'é': _step}


            def g(x):
                return STEPS['é'](x) + _step(x)
        """,
    )
    assert run(code)["f"](1) == 40


def test_two_constants_and_two_imports_of_one_name_are_told_apart(package):
    code = package(
        "a.f",
        a="""
            from math import gamma

            from pkg.b import g

            TOL: float = 1.0


            def f(x, tol=TOL):
                return gamma(x) + tol + g(x)
        """,
        b="""
            from pkg.c import gamma

            TOL = 0.5


            def g(x, tol=TOL):
                return gamma(x, tol)
        """,
        c="""
            def gamma(x, tol):
                return -100 + tol
        """,
    )
    assert run(code)["f"](3) == 2 + 1 - 100 + 0.5


def test_a_helper_does_not_hide_a_built_in_name_that_others_use(package):
    code = package(
        "a.f",
        a="""
            from pkg import b


            def f(x):
                return sum(x) + b.sum(x)
        """,
        b="""
            def sum(x):
                return 100
        """,
    )
    assert run(code)["f"]([1, 2]) == 103


def test_a_helper_does_not_hide_behind_a_parameter(package):
    code = package(
        "a.f",
        a="""
            from pkg import b


            def f(g):
                return g + b.g()
        """,
        b="""
            def g():
                return 100
        """,
    )
    assert run(code)["f"](1) == 101


def test_names_in_formatted_strings_are_renamed_or_refused(package):
    modules = {
        "a": """
            from pkg.b import g as h


            def f(x):
                return f'é {h(x)!r:>5} {x:{h(1)}}'
        """,
        "b": """
            def g(x):
                return x
        """,
    }
    try:
        result = run(package("a.f", **modules))["f"](3)
    except SnippetError as error:  # before Python 3.12 their places are not known
        result = str(error).rpartition(": ")[2]
    assert result in ("é     3 3", "cannot rename h inside an f-string")


def test_two_functions_of_one_name_are_not_copied_together(package):
    modules = {
        "a": """
            def step():
                return 1
        """,
        "b": """
            def step():
                return 2
        """,
    }
    with pytest.raises(SnippetError, match=r"pkg\.b\.step has the name of something else"):
        package("a.step", "b.step", **modules)


def test_a_name_that_means_two_things_in_a_function_is_left_alone_or_refused(package):
    modules = {
        "a": """
            from pkg.b import g as h


            def f():
                def k():
                    h = 1
                    return h

                return h() + k()
        """,
        "b": """
            def g():
                return 10
        """,
    }
    assert run(package("a.f", **modules))["f"]() == 11
    with pytest.raises(
        SnippetError, match=r"cannot be named in pkg\.a\.f, where h means two things"
    ):
        package("a.f", "b.g", **modules)


# Refusals


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            """
                import scipy


                def f():
                    return scipy.pi
            """,
            "a.py:5: scipy needs scipy; a snip",
        ),
        (
            """
                def f():
                    import scipy.stats
            """,
            "a.py:2: imports scipy.stats inside; a snippet",
        ),
        (
            """
                def f():
                    from pkg.b import g
            """,
            "a.py:2: imports pkg.b inside; move the import",
        ),
        (
            """
                def f():
                    return missing
            """,
            "a.py:2: pkg.a defines no 'missing'",
        ),
        (
            """
                def f():
                    return globals()
            """,
            "a.py:2: globals depends on the module around it",
        ),
        (
            """
                def f():
                    return __file__
            """,
            "a.py:2: __file__ depends on the module around it",
        ),
        (
            """
                X = 1


                def f():
                    global X
                    X += 1
            """,
            "a.py:5: changes X for the whole module",
        ),
        (
            """
                from pkg import b


                def f():
                    return b
            """,
            "a.py:5: uses the module pkg.b as a va",
        ),
        (
            """
                from math import *


                def f():
                    return pi
            """,
            "pi may come from math, of which",
        ),
        (
            """
                import os.path


                def f():
                    return os.sep
            """,
            "import os.path binds os",
        ),
        (
            """
                if 1:
                    X = 1


                def f():
                    return X
            """,
            "X is bound under a condition or in a",
        ),
        (
            """
                try:
                    import q
                except ImportError:
                    q = 0


                def f():
                    return q
            """,
            "q is",
        ),
        (
            """
                X = 1
                X = 2


                def f():
                    return X
            """,
            "X is defined twice, again at pkg/a.py:2",
        ),
        (
            """
                X = {}
                X[1] = 2


                def f():
                    return X
            """,
            "a.py:2: changes X after it is defined",
        ),
        (
            """
                X = []
                X.append(1)


                def f():
                    return X
            """,
            "a.py:2: changes X after it is def",
        ),
        (
            """
                X = 1
                X += 1


                def f():
                    return X
            """,
            "a.py:2: changes X after it is defined",
        ),
        (
            """
                X = 1; Y = 2


                def f():
                    return X
            """,
            "a.py:1: shares its line with other code",
        ),
        (
            """
                from functools import singledispatch


                @singledispatch
                def f(x):
                    return 0


                @f.register
                def _(x: int):
                    return 1
            """,
            "a.py:10: changes f after it is defined",
        ),
        (
            """
                from pkg.b import g as f
                def f():
                    return 1
            """,
            "f is both imported and defined",
        ),
        (
            """
                def g():
                    return 1
            """,
            "pkg.a defines no 'f'",
        ),
        ("def f(:\n", "a.py:1 is not Python"),
    ],
)
def test_what_a_copy_could_not_do_is_refused(package, text, message):
    with pytest.raises(SnippetError) as caught:
        package(
            "a.f",
            a=text,
            b="""
                def g():
                    return 1
            """,
        )
    assert message in str(caught.value)


def test_a_statement_that_touches_something_else_is_no_reason_to_refuse(package):
    code = package(
        "a.f",
        a="""

            X = []
            X.append(2)
            sys.argv.append('')
            sys.argv.pop()


            def f():
                return 1


            if __name__ == '__main__':
                f()
                X = 1
        """,
    )
    assert body(code) == block("""
        def f():
            return 1
    """)
