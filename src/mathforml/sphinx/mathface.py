"""Mend what STIX Two Math and browsers make of accents, lines and primes together."""

from typing import Any

from fontTools.misc.transform import Identity, Offset, Transform
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

__all__ = ["mend"]

ACCENTS = "¯ˆ˜˙¨ˇ˘´`˚\u20d7"
PRIMES = "′″‴⁗"
OVERLINE, UNDERLINE = 0x203E, 0x0332
LOWER = Offset(0, -190)  # the overline, drawn high above its base
LARGER = Transform(1.35, 0, 0, 1.35, -60, -435)  # primes: superscripts, and hence small


def mend(font: TTFont) -> None:
    """Change a complete face in place."""
    cmap, constructions = font.getBestCmap(), _constructions(font)
    for name in (marks := _marks(font, constructions)):
        _redraw(font, name, Offset(-font["glyf"][name].xMin, 0))
    _center(font, marks)
    height = font["MATH"].table.MathConstants.AccentBaseHeight.Value
    for accent in ACCENTS:
        _redraw(font, cmap[ord(accent)], foot=height)
    constructions[cmap[UNDERLINE]].MathGlyphVariantRecord = []  # pieces longer than the base
    _redraw(font, cmap[OVERLINE], LOWER)
    for prime in PRIMES:
        _redraw(font, cmap[ord(prime)], LARGER)


def _constructions(font: TTFont) -> dict[str, Any]:
    """Return how each glyph that stretches sideways is made longer."""
    variants = font["MATH"].table.MathVariants
    names, values = variants.HorizGlyphCoverage.glyphs, variants.HorizGlyphConstruction
    return dict(zip(names, values, strict=True))


def _marks(font: TTFont, constructions: dict[str, Any]) -> set[str]:
    """Return the accents of no width: browsers center widths, so these would stand beside."""
    names = set(constructions)
    for construction in constructions.values():
        names |= {record.VariantGlyph for record in construction.MathGlyphVariantRecord}
    return {name for name in names if font["hmtx"][name][0] == 0}


def _center(font: TTFont, names: set[str]) -> None:
    """Forget where accents hold on to their base, so that their middle does."""
    table = font["MATH"].table.MathGlyphInfo.MathTopAccentAttachment
    glyphs, places = table.TopAccentCoverage.glyphs, table.TopAccentAttachment
    kept = [(g, p) for g, p in zip(glyphs, places, strict=True) if g not in names]
    table.TopAccentCoverage.glyphs = [glyph for glyph, _ in kept]
    table.TopAccentAttachment = [place for _, place in kept]
    table.TopAccentAttachmentCount = len(kept)


def _redraw(font: TTFont, name: str, change: Any = Identity, foot: int | None = None) -> None:
    """Move or scale a glyph; a mark without width becomes as wide as its ink.

    Browsers put the ink of an accent right on its letter.  The foot is a speck, too small to be
    seen, at the height that the accent was drawn to stand on: so it keeps its distance.
    """
    glyphs = font.getGlyphSet()
    pen = TTGlyphPen(glyphs)
    glyphs[name].draw(TransformPen(pen, change))
    width, old = font["hmtx"][name][0], font["glyf"][name]
    if foot is not None:
        middle = (old.xMin + old.xMax) // 2
        pen.moveTo((middle, foot))
        pen.lineTo((middle, foot + 1))
        pen.lineTo((middle + 1, foot))
        pen.closePath()
    glyph = pen.glyph()
    glyph.recalcBounds(font["glyf"])
    font["glyf"][name] = glyph
    font["hmtx"][name] = (width or glyph.xMax, glyph.xMin)
