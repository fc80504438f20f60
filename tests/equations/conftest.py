"""How the tests of the engine say that an equation holds, or how it is refused."""

from collections.abc import Callable
from typing import Any

import pytest

from mathforml.equations import EquationError, verify

OPTIONS = ("where", "rtol", "draws", "tight")


def split(symbols: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Part the bindings from the options of ``verify``."""
    options = {key: symbols.pop(key) for key in OPTIONS if key in symbols}
    return symbols, options


@pytest.fixture
def holds() -> Callable[..., Any]:
    """Verify an equation."""

    def check(latex: str, by_latex: dict[str, Any] | None = None, /, **symbols: Any) -> Any:
        symbols, options = split(symbols)
        return verify(latex, {**(by_latex or {}), **symbols}, **options)

    return check


@pytest.fixture
def refused() -> Callable[..., str]:
    """Return the message with which an equation is refused."""

    def check(
        latex: str,
        kind: type[EquationError],
        by_latex: dict[str, Any] | None = None,
        /,
        **symbols: Any,
    ) -> str:
        symbols, options = split(symbols)
        with pytest.raises(kind) as caught:
            verify(latex, {**(by_latex or {}), **symbols}, **options)
        return str(caught.value)

    return check
