"""The dictionary between the mathematics and the code: what the caller binds to names."""

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mathforml.equations import syntax as s
from mathforml.equations.errors import EquationError, EquationSyntaxError
from mathforml.equations.grammar import Parser
from mathforml.equations.names import base_letter, script, spelling

__all__ = ["CallKey", "Definition", "Domain", "Family", "Scope", "parameters"]


WORD = re.compile(
    r"[A-Za-z]{2}[A-Za-z0-9]*(?:_[A-Za-z0-9]+)*"
)  # in a key without LaTeX: a name of Python


@dataclass(frozen=True)
class Domain:
    """What a dummy runs over: a range, list or set of numbers or labels."""

    items: tuple[Any, ...]


@dataclass(frozen=True)
class Family:
    """A list of arrays or functions, numbered from 1; their shapes may differ."""

    items: tuple[Any, ...]


@dataclass(frozen=True)
class CallKey:
    r"""A function bound under the text of a call, ``p(x \mid y)``.

    Parameters
    ----------
    key
        Its name in the scope.
    texts, letters
        The spelling and the base letter of each argument.
    separators
        What stands between them.
    """

    key: str
    texts: tuple[str, ...]
    letters: tuple[str | None, ...]
    separators: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Definition:
    """A displayed definition, ``q_{ij} = …`` or ``f(x) = …``.

    Parameters
    ----------
    key
        The symbol it defines.
    indices, arguments
        The subscripts and the arguments on its left side.
    body
        Its right side.
    """

    key: str
    indices: tuple[s.Name, ...]
    arguments: tuple[s.Node, ...]
    body: s.Node


class Scope:
    """All bindings, by spelling.

    Parameters
    ----------
    symbols
        What the caller binds: keys are names, LaTeX, or calls in LaTeX.

    Raises
    ------
    EquationError
        If two keys mean the same symbol, or one is no symbol.
    """

    def __init__(self, symbols: Mapping[str, Any]) -> None:
        self.values: dict[str, Any] = {}
        self.written: dict[str, str] = {}
        self.calls: dict[str, list[CallKey]] = {}
        self.definitions: dict[str, Definition] = {}
        for key, value in symbols.items():
            self.bind(key, value)

    def bind(self, key: str, value: Any) -> None:
        """Bind one symbol."""
        node = read_key(key)
        head, group = called(node)
        if group is None:
            name = spelling(node)
        else:
            stem = "".join(head.place.text.split()) if isinstance(head, s.Group) else spelling(head)
            name = None if stem is None else f"{stem}({_inside(group)})"
            if stem is not None and name is not None:
                self.calls.setdefault(stem, []).append(
                    CallKey(name, _texts(group), _letters(group), group.separators)
                )
        if name is None:
            raise EquationError(
                f"the key {key!r} is no symbol; expected a name, a LaTeX symbol or a call"
            )
        if name in self.values:
            raise EquationError(
                f"the keys {self.written[name]!r} and {key!r} mean the same symbol; bind it once"
            )
        self.values[name] = classify(value)
        self.written[name] = key

    def define(self, definition: Definition) -> None:
        """Add a displayed definition."""
        if definition.key in self.values or definition.key in self.definitions:
            raise EquationError(
                f"{definition.key} is both bound and defined; leave it to the definition"
            )
        self.definitions[definition.key] = definition

    def __contains__(self, key: str) -> bool:
        """Tell whether a name is bound or defined."""
        return key in self.values or key in self.definitions

    def is_function(self, key: str) -> bool:
        """Tell whether a name is bound to something that takes arguments."""
        if key in self.definitions:
            return bool(self.definitions[key].arguments)
        value = self.values.get(key)
        if isinstance(value, Family):
            return bool(value.items) and callable(value.items[0])
        return callable(value)

    @property
    def families(self) -> set[str]:
        """Names bound to lists of arrays or functions."""
        return {key for key, value in self.values.items() if isinstance(value, Family)}

    @property
    def arrays(self) -> dict[str, int]:
        """Names bound to arrays, with their number of axes."""
        return {k: v.ndim for k, v in self.values.items() if isinstance(v, np.ndarray) and v.ndim}

    def is_constant(self, key: str) -> bool:
        """Tell whether a name is bound to a value that is no range of a dummy."""
        return key in self and not isinstance(self.values.get(key), Domain)

    def schemas(self, stem: str) -> list[str]:
        """Return the functions of an index bound as ``x_i``, for the letter ``x``."""
        found = []
        for key, value in self.values.items():
            letters = key.removeprefix(stem + "_")
            if letters != key and callable(value):
                names = [p.name for p in parameters(value)]
                if names == [letters] or (names and sorted(names) == sorted(letters)):
                    found.append(key)
        return found

    def schema_length(self, key: str) -> int:
        """Return how many indices a function bound as ``x_i`` takes."""
        return len(parameters(self.values[key]))

    def matching_call(
        self, stem: str, group: s.Group, written: s.Group | None = None
    ) -> CallKey | None:
        """Return the call key that an occurrence means: the same text, else the same letters."""
        if written is not None and written.items != group.items:  # dots that stand in a key too
            return self.matching_call(stem, written) or self.matching_call(stem, group)
        keys = self.calls.get(stem, [])
        texts, letters = _texts(group), _letters(group)
        for key in keys:
            if key.texts == texts and key.separators == group.separators:
                return key
        fitting = [k for k in keys if k.separators == group.separators and k.letters == letters]
        if len(fitting) > 1:
            names = " and ".join(self.written[k.key] for k in fitting)
            raise EquationError(
                f"{names} both fit this call; write one of them as bound", group.place
            )
        return fitting[0] if fitting else None

    def bound(self) -> str:
        """List what is bound, for messages."""
        names = sorted([*self.written.values(), *self.definitions])
        shown = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
        return shown or "nothing"


def read_key(key: str) -> s.Node:
    """Parse a key: a Python name, or LaTeX."""
    if not isinstance(key, str):
        raise EquationError(f"the key {key!r} is no text; expected a name or LaTeX")
    if key.isidentifier():
        return s.Name(key)
    latex = key if "\\" in key else WORD.sub(r"\\mathrm{\g<0>}", key)
    try:
        p = Parser(latex)
        node = p.list("") if "(" not in key and "," in key else p.chain()
        if p.token.kind != "eof":
            p.fail("the end of the key")
    except EquationSyntaxError as error:
        raise EquationSyntaxError(f"in the key {key!r}: {error.fact}", error.place) from None
    return node


def called(node: s.Node) -> tuple[s.Node, s.Group | None]:
    """Split ``f(x)`` into its head and its brackets."""
    match node:
        case s.Product(items=(head, s.Group() as group), operators=("",)):
            return head, group
    return node, None


def _texts(group: s.Group) -> tuple[str, ...]:
    return tuple(script(item) or item.place.text.replace(" ", "") for item in group.items)


def _letters(group: s.Group) -> tuple[str | None, ...]:
    return tuple(base_letter(item) for item in group.items)


def _inside(group: s.Group) -> str:
    texts = _texts(group)
    marks = [*group.separators, ""]
    return "".join(text + mark for text, mark in zip(texts, marks, strict=True))


def classify(value: Any) -> Any:
    """Bring a bound value to a form that the engine knows."""
    if isinstance(value, bool | int | float | complex | np.number | np.bool_ | np.ndarray):
        array = np.asarray(value)
        return array if array.dtype.kind in "biufc" else value
    if isinstance(value, list | tuple | range | set | frozenset) and not hasattr(value, "_fields"):
        items = sorted(value) if isinstance(value, set | frozenset) else list(value)
        if items and all(isinstance(i, np.ndarray) or callable(i) for i in items):
            return Family(tuple(items))
        return Domain(tuple(items))
    return value


def parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    """Return the positional parameters of a function, none if it does not tell."""
    try:
        found: Iterable[inspect.Parameter] = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [p for p in found if p.kind in kinds]
