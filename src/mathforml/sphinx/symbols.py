"""Write the names and shapes of certificates as a reader knows them."""

import re
from typing import Any

from docutils import nodes

__all__ = ["is_inequality", "latex_of", "power_of_ten", "shape_of", "words"]

GREEK = frozenset(
    (
        *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa"),
        *("lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi"),
        *("psi", "omega", "ell", "varphi", "varepsilon", "vartheta", "Gamma", "Delta", "Theta"),
        *("Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega"),
    )
)
INEQUALITIES = frozenset({"<", ">", r"\le", r"\ge", r"\neq"})
ACCENTS = {"hat", "bar", "tilde", "dot", "ddot", "vec", "check"}


def latex_of(key: str) -> str:
    r"""Return the LaTeX of a key of the bindings.

    Examples
    --------
    >>> latex_of("x_bar"), latex_of("theta_0"), latex_of("lambda_"), latex_of("softmax")
    ('\\bar{x}', '\\theta_{0}', '\\lambda', '\\operatorname{softmax}')
    """
    if not re.fullmatch(r"[A-Za-z]\w*", key):
        return key
    base, *rest = key.split("_")
    found = letter(base)
    subscripts = []
    for part in rest:
        if part in ACCENTS:
            found = rf"\{part}{{{found}}}"
        elif part == "prime":
            found += "'"
        elif part == "star":
            found += "^{*}"
        elif part:
            subscripts.append(letter(part))
    return found + (f"_{{{','.join(subscripts)}}}" if subscripts else "")


def letter(word: str) -> str:
    """Return a letter, a Greek one, a number, or a word set upright."""
    if word in GREEK:
        return rf"\{word}"
    if len(word) == 1 or word.isdigit():
        return word
    return rf"\operatorname{{{word}}}"


def shape_of(shape: str) -> str:
    """Return ``(5, 3)`` as ``5 × 3``, ``()`` as ``number``, and a kind of value in words."""
    if shape == "Family":
        return "a list"
    if not re.fullmatch(r"\([\d, ]*\)", shape):
        return shape
    sizes = re.findall(r"\d+", shape)
    return " × ".join(sizes) or "number"


def is_inequality(steps: list[dict[str, Any]]) -> bool:
    """Tell whether all that was compared are inequalities, whose sides need not be equal."""
    return bool(steps) and all(step["relation"] in INEQUALITIES for step in steps)


def power_of_ten(difference: float) -> str:
    """Return LaTeX for a small number, one digit of it."""
    digits, _, exponent = f"{difference:.0e}".partition("e")
    return rf"{digits} \cdot 10^{{{int(exponent)}}}"


def words(text: str) -> list[nodes.Node]:
    """Return text whose formulas stand between dollars."""
    parts = text.split("$")
    return [
        nodes.math(part, part) if k % 2 else nodes.Text(part)
        for k, part in enumerate(parts)
        if part
    ]
