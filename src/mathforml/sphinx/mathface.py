"""Mend what STIX Two Math and browsers make of accents and primes together."""

from typing import Any

from fontTools.misc.transform import Offset, Transform
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

__all__ = ["mend"]

OVERLINE, UNDERLINE = 0x203E, 0x0332
PRIME = 0x2032


def mend(font: TTFont) -> None:
    """Change a complete face in place."""
    font["MATH"].table.MathConstants.AccentBaseHeight.Value = 365  # from 480: bars touched letters
    cmap, constructions = font.getBestCmap(), _constructions(font)
    marks = _marks(font, constructions)
    for name in marks:
        _redraw(font, name, Offset(-font["glyf"][name].xMin, 0))
    _center(font, marks)
    constructions[cmap[UNDERLINE]].MathGlyphVariantRecord = []  # pieces longer than the base
    _redraw(font, cmap[OVERLINE], Offset(0, -190))
    # A prime is always a superscript: as drawn, it would be small and fly above its letter.
    _redraw(font, cmap[PRIME], Transform(1.35, 0, 0, 1.35, -60, -435))


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


def _redraw(font: TTFont, name: str, change: Any) -> None:
    """Move or scale a glyph, and make it as wide as its ink."""
    pen = TTGlyphPen(None)
    glyphs = font.getGlyphSet()
    glyphs[name].draw(TransformPen(pen, change))
    glyph = pen.glyph()
    glyph.recalcBounds(font["glyf"])
    font["glyf"][name] = glyph
    font["hmtx"][name] = (glyph.xMax, glyph.xMin)
