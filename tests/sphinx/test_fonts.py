"""The faces that are served hold what the pages draw, and a page draws nothing that they lack."""

import shutil
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from fontTools.ttLib import TTFont
from sphinx.errors import ConfigError

from mathforml.sphinx import fonts
from mathforml.sphinx.fonts import ITALIC, cut, drawn
from mathforml.sphinx.mathface import mend

BOOK = Path(__file__).parents[2] / "docs/_static/fonts"
MATH = Path(fonts.__file__).parent / "static/fonts/math.woff2"
FACES = {"fonts/text.woff2": "text", "fonts/text-italic.woff2": "text", "fonts/code.woff2": "code"}


def characters(face: bytes) -> set[str]:
    """Return what a face can draw."""
    return set(map(chr, TTFont(BytesIO(face)).getBestCmap()))


def body(markup: str) -> dict[str, set[str]]:
    """Return what a page with this body draws."""
    return drawn(f"<html><head><title>T</title></head><body>{markup}</body></html>")


@pytest.fixture(scope="module")
def formulas() -> bytes:
    """Return the face of mathematics, cut to a few characters."""
    return cut(MATH.read_bytes(), set("𝑥𝑦(){}+=√′¯\u0302\u20d7\u203e\u0332⊤"))


def test_a_single_letter_is_drawn_in_mathematical_italics() -> None:
    assert {"𝑥", "ℎ", "𝜃", "𝜕"} <= body("<math><mi>x</mi><mi>h</mi><mi>θ</mi><mi>∂</mi></math>")[
        "math"
    ]
    assert "𝑑" not in body('<math><mi mathvariant="normal">d</mi></math>')["math"]
    assert "𝑟" not in body("<math><mi>relu</mi></math>")["math"]
    assert "𝑦" in body('<math><mi class="fn">y</mi></math>')["math"]


def test_the_italics_are_those_of_unicode() -> None:
    assert len(ITALIC) == 26 * 2 + 2 + 25 * 2 + 8
    assert (ITALIC["A"], ITALIC["z"], ITALIC["α"], ITALIC["ω"]) == ("𝐴", "𝑧", "𝛼", "𝜔")
    assert (ITALIC["ϵ"], ITALIC["ε"], ITALIC["∇"]) == ("𝜖", "𝜀", "𝛻")


def test_a_root_sign_is_drawn_though_nobody_writes_it() -> None:
    assert "√" in body("<math><msqrt><mn>2</mn></msqrt></math>")["math"]
    assert "√" not in body("<math><mn>2</mn></math>")["math"]


def test_text_code_and_formulas_are_told_apart() -> None:
    found = body("<p>a é &amp; <code>b</code><math><mn>3</mn></math></p><pre><span>c</span></pre>")
    assert found["text"] == set("a é&")
    assert found["code"] == set("bc")
    assert found["math"] == {"3"}


def test_markup_styles_and_scripts_are_not_drawn_but_their_data_is() -> None:
    found = body('<p class="é">a</p><style>ß</style><script>ü</script>')
    assert found["text"] == {"a"}
    data = '<script type="application/json">["π"]</script>'
    assert "π" in body(data)["text"]


def test_a_cut_face_holds_what_it_was_cut_to_and_no_more(formulas: bytes) -> None:
    found = characters(cut((BOOK / "code.woff2").read_bytes(), set("abc é")))
    assert found == set("abc é")
    assert characters(formulas) == set("𝑥𝑦(){}+=√′¯\u0302\u20d7\u203e\u0332⊤")


def test_the_same_characters_give_the_same_bytes() -> None:
    face = (BOOK / "text.woff2").read_bytes()
    assert cut(face, set("abc")) == cut(face, set("cba"))
    assert len(cut(face, set("abc"))) < len(face) / 10


def test_the_upright_text_face_keeps_its_weights() -> None:
    font = TTFont(BytesIO(cut((BOOK / "text.woff2").read_bytes(), set("abc"))))
    assert [(axis.axisTag, axis.minValue, axis.maxValue) for axis in font["fvar"].axes] == [
        ("wght", 400, 650)
    ]


def test_brackets_and_roots_still_grow(formulas: bytes) -> None:
    font = TTFont(BytesIO(formulas))
    grown = font["MATH"].table.MathVariants.VertGlyphCoverage.glyphs
    for character in "({√":
        assert font.getBestCmap()[ord(character)] in grown


def test_an_accent_keeps_its_distance_from_the_letter(formulas: bytes) -> None:
    font = TTFont(BytesIO(formulas))
    stands = font["MATH"].table.MathConstants.AccentBaseHeight.Value
    for character in "¯\u20d7":
        assert font["glyf"][font.getBestCmap()[ord(character)]].yMin == stands


def test_accents_without_width_get_that_of_their_ink(formulas: bytes) -> None:
    font = TTFont(BytesIO(formulas))
    for character in "\u0302\u20d7":
        name = font.getBestCmap()[ord(character)]
        assert font["hmtx"][name][0] == font["glyf"][name].xMax > 0
        assert font["glyf"][name].xMin == 0


def test_a_prime_and_an_overline_come_down_to_their_letter() -> None:
    font = TTFont(BytesIO(MATH.read_bytes()))
    names = [font.getBestCmap()[ord(character)] for character in "′″\u203e"]
    before = [font["glyf"][name].yMin for name in names]
    mend(font)
    after = [font["glyf"][name].yMin for name in names]
    assert after[0] < before[0] / 2
    assert after[1] < before[1] / 2
    assert after[2] == before[2] - 190


def test_a_line_below_is_as_long_as_what_it_underlines(formulas: bytes) -> None:
    font = TTFont(BytesIO(formulas))
    variants = font["MATH"].table.MathVariants
    place = variants.HorizGlyphCoverage.glyphs.index(font.getBestCmap()[0x332])
    assert not variants.HorizGlyphConstruction[place].MathGlyphVariantRecord
    assert variants.HorizGlyphConstruction[place].GlyphAssembly


def test_a_mark_that_got_a_width_is_centered_by_it(formulas: bytes) -> None:
    font = TTFont(BytesIO(formulas))
    held = font["MATH"].table.MathGlyphInfo.MathTopAccentAttachment.TopAccentCoverage.glyphs
    assert font.getBestCmap()[0x20D7] not in held
    assert font.getBestCmap()[ord("𝑥")] in held


@pytest.mark.parametrize("path", [*BOOK.glob("*.woff2"), MATH], ids=lambda path: path.stem)
def test_changed_faces_do_not_bear_a_reserved_name(path: Path) -> None:
    names = {str(name) for name in TTFont(path)["name"].names if name.nameID in (1, 3, 4, 6, 16)}
    assert names
    assert not [name for name in names if "Source" in name or "STIX" in name]
    assert list(path.parent.glob("OFL-*.txt"))


@pytest.fixture(scope="module")
def site(book: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return a small book that was built with its own faces, and with characters nobody has."""
    static = tmp_path_factory.mktemp("static")
    shutil.copytree(BOOK, static / "fonts")
    (static / "own.css").write_text('p::after { content: "\\2192 " } q { content: url("ж") }')
    page = "# Café α→\n\nA `code λ` and $x \\in \\sqrt{y}$.\n\nStrange: ᚠ.\n"
    config = {
        "html_math_renderer": "mathml",
        "html_static_path": [str(static)],
        "mathforml_faces": FACES,
    }
    return book("assets formulas fonts", {"page": page}, config=config)


def served(site: Any, name: str) -> bytes:
    """Return a face of the built site."""
    return (site.outdir / f"_static/fonts/{name}.woff2").read_bytes()


def test_each_served_face_draws_the_pages(site: Any) -> None:
    assert set("Café α→") <= characters(served(site, "text"))
    assert set("code λ") <= characters(served(site, "code"))
    assert set("𝑥∈𝑦√") <= characters(served(site, "math"))
    assert "ж" not in characters(served(site, "text"))
    assert len(served(site, "math")) < 20_000


def test_a_character_that_no_face_draws_is_told_with_its_page(site: Any) -> None:
    warnings = site.warning.getvalue()
    assert "No face draws 'ᚠ' (U+16A0), on page.html" in warnings
    assert warnings.count("No face draws") == 1


def test_the_face_of_mathematics_has_signs_and_what_the_text_lacks() -> None:
    covers = {"text": set("ab✓"), "math": set("aℵ✓")}
    wanted, missing = fonts._share({"page": {"text": set("aℵ✓ᚠ\u200b ")}}, covers)
    assert (wanted["text"], wanted["math"], missing) == (set("a✓"), set("ℵ✓"), {"ᚠ": "page"})


def test_nothing_is_cut_again_while_the_pages_draw_the_same(
    site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = served(site, "text")
    monkeypatch.setattr(fonts, "cut", lambda face, characters: pytest.fail("cut again"))
    monkeypatch.setattr(fonts, "drawn", lambda page: pytest.fail("searched again"))
    fonts.finish(site, None)
    assert served(site, "text") == before
    monkeypatch.undo()
    Path(site.doctreedir, "faces/known.json").write_text("{")
    fonts.finish(site, None)
    assert served(site, "text") == before


def test_a_face_that_is_nowhere_is_refused(book: Any) -> None:
    with pytest.raises(ConfigError, match="no static folder has fonts/none"):
        book(
            "assets fonts",
            {"page": "# A"},
            config={"mathforml_faces": {"fonts/none.woff2": "text"}},
        )
