"""The page of questions is that of the tests which answer them."""

import pytest

from tests.support.questions import PAGE, SUBJECTS, questions, render


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_subject_has_its_questions(subject: str) -> None:
    assert len([*questions(subject)]) >= 3


def test_the_page_has_the_questions_of_the_tests() -> None:
    message = "run `python -m tests.support.questions`"
    assert PAGE.read_text(encoding="utf-8") == render(), message
