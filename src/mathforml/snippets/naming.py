"""Give everything in a snippet one name that means nothing else there."""

from collections.abc import Iterable, Iterator, Sequence

from mathforml.snippets.closure import Member, Thing, Use
from mathforml.snippets.modules import SnippetError

__all__ = ["names_of_all", "written"]


def names_of_all(members: Sequence[Member], roots: Iterable[Thing]) -> dict[Thing, str]:
    """Name what is defined and imported, as it was named where that is possible.

    Parameters
    ----------
    members : sequence of Member
        What is copied.
    roots : iterable of Thing
        What must keep its name.

    Returns
    -------
    names : dict
        One for each thing.

    Raises
    ------
    SnippetError
        If a name would have to mean two things.
    """
    roots = set(roots)
    places: dict[Thing, list[tuple[Member, Use | None]]] = {}
    for member in members:
        for thing in member.things:
            places.setdefault(thing, []).append((member, None))
        for use in member.uses:
            places.setdefault(use.thing, []).append((member, use))
    taken = {name for member in members for name in member.built_in}
    names: dict[Thing, str] = {}
    for thing in sorted(places, key=lambda one: (one not in roots, one.name[:1] == "_")):
        uses = [(member, use) for member, use in places[thing] if use]
        known = [use.root for _, use in uses if written(use) == use.root]
        for name in candidates(thing, known, thing in roots):
            if name not in taken and all(may_become(name, *one) for one in uses):
                break
        else:
            raise SnippetError(f"{thing.module}.{thing.name} {why_not(thing, taken, uses)}")
        names[thing] = name
        taken.add(name)
    return names


def written(use: Use) -> str:
    """Return what stands in the source where something is used.

    Parameters
    ----------
    use : Use
        A name, or names with dots.

    Returns
    -------
    text : str
        In one line.
    """
    node, parts = use.node, list[str]()
    while hasattr(node, "attr"):
        parts.append(node.attr)
        node = node.value  # type: ignore[attr-defined]
    return ".".join([use.root, *reversed(parts)])


def may_become(name: str, member: Member, use: Use) -> bool:
    """Return whether a thing may have a name at a place that uses it."""
    own = member.names.own
    return name == written(use) or not {name, use.root} & own


def candidates(thing: Thing, known: list[str], fixed: bool) -> Iterator[str]:
    """Yield names for a thing, the best first."""
    if not thing.outside:
        yield thing.name
    if not fixed:
        yield from known
        tail = thing.module.rpartition(".")[2].strip("_")
        name = f"{tail}_{thing.name.lstrip('_')}".rstrip("_")
        private = "_" if thing.name.startswith("_") else ""
        yield f"{private}{name}"
        yield from (f"{private}{name}_{number}" for number in range(2, 10))


def why_not(thing: Thing, taken: set[str], uses: list[tuple[Member, Use]]) -> str:
    """Say why a thing has no name in a snippet."""
    if thing.name in taken:
        return "has the name of something else that the copy needs; copy one at a time"
    for member, use in uses:
        if use.root in member.names.own:
            inside = f"{member.piece.module}.{member.piece.names[0]}"
            return f"cannot be named in {inside}, where {use.root} means two things"
    return "has no name left"
