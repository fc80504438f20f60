r"""The naming rules: what a symbol with its fonts, accents and scripts is called in Python.

==========================  ====================
LaTeX                       name
==========================  ====================
``\theta``, ``\lambda``     ``theta``, ``lambda_``
``\mathbf{W}``              ``W``
``\hat{y}``, ``a'``         ``y_hat``, ``a_prime``
``\theta_0``, ``x_{\max}``  ``theta_0``, ``x_max``
``p_{X,Y}``                 ``p_XY``
``W^{(1)}``, ``V^*``        ``W_1``, ``V_star``
``\mu^{\text{new}}``        ``mu_new``
==========================  ====================

Fonts that tell letters apart (``\mathcal``, ``\mathbb``) stay in the *spelling*, which is
what a LaTeX key is compared by: ``mathcal.L``.  A superscript that may not enter a name
stays in the spelling too: ``V^pi``.
"""

from collections.abc import Iterator
from typing import NamedTuple

from mathforml.equations import syntax as s

__all__ = ["Candidate", "base_letter", "candidates", "display_name", "is_text", "spelling"]

FONTS = {"mathds": "mathbb", "Bbb": "mathbb", "cal": "mathcal", "frak": "mathfrak"}
ALIASES = {
    "varepsilon": "epsilon", "varphi": "phi", "vartheta": "theta", "varsigma": "sigma",
    "varrho": "rho", "varpi": "pi", "varkappa": "kappa",
}  # fmt: skip


class Candidate(NamedTuple):
    """A key to look up.

    Parameters
    ----------
    key
        The spelling.
    sub, sup
        Whether it has used up the subscript and the superscript.
    """

    key: str
    sub: bool
    sup: bool


def letter(name: s.Name) -> str:
    """Return the Python name of a symbol without font, accents and primes."""
    plain = name.letter.removeprefix("\\")
    return {"lambda_": "lambda", "*": "star"}.get(plain, plain)


def keyed(text: str) -> str:
    """Return a name as Python may spell it."""
    return "lambda_" if text == "lambda" else text


def base(name: s.Name, font: bool = True) -> str:
    """Return the name of a symbol without scripts."""
    accents = "".join("_" + accent for accent in name.accents)
    kept = FONTS.get(name.font, name.font)
    prefix = f"{kept}." if font and kept not in ("", "mathbf", "joined") else ""
    return prefix + letter(name) + accents + "_prime" * name.primes


def script(node: s.Node) -> str | None:
    """Return the text of a script inside a name, or None if it has none."""
    match node:
        case s.Name():
            return base(node, font=False)
        case s.Number() | s.Raw():
            return node.text
        case s.Operator() | s.Big():
            return getattr(node, "name", None)
        case s.Product():
            texts = [script(item) for item in node.items]
            return "".join(t for t in texts if t) if None not in texts else None
        case s.Group():
            texts = [script(item) for item in node.items]
            if None in texts:
                return None
            between = {r"\mid": "|", ";": ";"}
            joined = (texts[0] or "") if texts else ""
            for mark, text in zip(node.separators, texts[1:], strict=True):
                joined += between.get(mark, "") + (text or "")
            return node.open + joined + node.close
        case s.Sum():
            terms = [script(term) for term in node.terms]
            if None in terms:
                return None
            joined = "".join(f"{g}{t}" for g, t in zip(node.signs, terms, strict=True))
            return joined.removeprefix("+")
        case s.Scripted():
            return spelling(node)
        case s.Slice():
            start = script(node.start) if node.start else ""
            stop = script(node.stop) if node.stop else ""
            return None if start is None or stop is None else f"{start}:{stop}"
        case s.Chain():
            items = [script(item) for item in node.items]
            if None in items:
                return None
            joined = items[0] or ""
            for mark, text in zip(node.relations, items[1:], strict=True):
                joined += f"{mark}{text}"
            return joined
    return None


def is_text(name: s.Name) -> bool:
    """Tell a word from a letter, a Greek letter, or the dummy of an ellipsis."""
    return len(name.letter) > 1 and not name.letter.startswith("\\") and "#" not in name.letter


def raised(sup: s.Node) -> tuple[str, bool] | None:
    """Return what a superscript adds to a name, and whether a plain key may carry it."""
    match sup:
        case s.Name(letter="*"):
            return "_star", True
        case s.Name() if is_text(sup):
            return "_" + sup.letter, True
        case s.Group(open="(", items=(s.Number() as number,)):
            return "_" + number.text, True
    text = script(sup)
    return None if text is None else ("^" + text, False)


def spelling(node: s.Node) -> str | None:
    """Return the full spelling of a symbol with its scripts, or None if it is no symbol."""
    match node:
        case s.Name():
            return keyed(base(node))
        case s.Scripted(base=s.Name()):
            found = [c.key for c in candidates(node) if c.sub and c.sup]
            return found[0] if found else None
    return None


def candidates(node: s.Name | s.Scripted) -> Iterator[Candidate]:
    """Yield the keys under which a symbol may be bound, in the order of look-up."""
    sub: s.Node | None = None
    sup: s.Node | None = None
    name = node
    if isinstance(node, s.Scripted):
        name, sub, sup = node.base, node.sub, node.sup  # type: ignore[assignment]
    assert isinstance(name, s.Name)
    stems = list(dict.fromkeys(_stems(name)))
    low = script(sub) if sub is not None else None
    high = raised(sup) if sup is not None else None
    lower = "" if low is None else "_" + low
    no_sub, no_sup = sub is None, sup is None
    if low is not None and high is not None:
        for stem in stems:
            yield Candidate(stem + lower + high[0], True, True)
            yield Candidate(stem + high[0] + lower, True, True)
    if low is not None:
        for stem in stems:
            yield Candidate(stem + lower, True, no_sup)
            if stem.endswith("_prime"):
                yield Candidate(stem.removesuffix("_prime") + lower + "_prime", True, no_sup)
    if high is not None:
        for stem in stems:
            yield Candidate(stem + high[0], no_sub, True)
    for stem in stems:
        yield Candidate(keyed(stem), no_sub, no_sup)


def _stems(name: s.Name) -> Iterator[str]:
    yield base(name)
    yield base(name, font=False)
    plain = letter(name)
    if plain in ALIASES:
        yield base(name, font=False).replace(plain, ALIASES[plain], 1)
    if "vec" in name.accents:
        yield base(name, font=False).replace("_vec", "")


def base_letter(node: s.Node) -> str | None:
    """Return the letter an argument begins with, without fonts, accents, scripts or a value."""
    match node:
        case s.Name():
            return letter(node)
        case s.Scripted():
            return base_letter(node.base)
        case s.Chain(relations=("=",)):
            return base_letter(node.items[0])
        case s.Group(items=(item,)):
            return base_letter(item)
    return None


def display_name(node: s.Node) -> str:
    """Return how a message names a symbol in Python."""
    if isinstance(node, s.Name | s.Scripted) and spelling(node):
        for candidate in candidates(node):
            if "^" not in candidate.key and "." not in candidate.key:
                return candidate.key
    return spelling(node) or node.place.text
