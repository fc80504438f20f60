"""The sheets of the study group, printed."""

import re

import pytest

MARGIN = dict.fromkeys(("top", "right", "bottom", "left"), "15mm")


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_each_evening_is_one_sheet_of_paper(open_reader, paper):
    page = open_reader().open("start/study_group_sheets.html")
    evenings = page.locator("section[id^=evening-]").count()
    printed = page.pdf(format=paper, margin=MARGIN)
    assert evenings == 8
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1 + evenings


def test_the_sheets_tell_no_answers(open_reader):
    page = open_reader().open("start/study_group_sheets.html")
    assert page.locator("article details").count() == 0
