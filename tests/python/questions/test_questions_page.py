"""The page of questions has no query but those of the tests which answer them."""

from tests.support.questions import PAGE, render


def test_what_the_page_has_is_in_the_tests() -> None:
    page = PAGE.read_text(encoding="utf-8")
    message = "run `python -m tests.support.questions`"
    assert page == render(lambda question: question in page), message
    assert page.count("```sql") >= 15, message
