"""The calculations that the local server's model finds in what was said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xai.testing.engine.calculation import calculation_in, words_in


@pytest.mark.parametrize(
    ("text", "code", "result"),
    [
        ("What is 12 * (3 + 4)?", "print(12 * (3 + 4))", "84"),
        ("Compute 2^10.", "print(2 ** 10)", "1024"),
        ("7 x 6 please", "print(7 * 6)", "42"),
        ("1,000 + 1", "print(1000 + 1)", "1001"),
        ("10 / 4 and 3 + 3", "print(10 / 4)", "2.5"),
        ("It was in 2024, and 1/0 is nothing; 5 - 8", "print(5 - 8)", "-3"),
    ],
)
def test_calculation_is_found(text: str, code: str, result: str) -> None:
    """The first one that has a result."""
    found = calculation_in(text)
    assert found is not None
    assert (found.code, found.result) == (code, result)


@pytest.mark.parametrize("text", ["", "Does it work?", "In 2024.", "9^9999", "9**9**9**9", "1.2.3"])
def test_what_is_none_is_not_calculated(text: str) -> None:
    """Neither a year nor what would take all memory."""
    assert calculation_in(text) is None


def test_words_are_counted() -> None:
    """The program is valid, whatever the text."""
    found = words_in("it's a 'b'")
    assert found.result == "3"
    compile(found.code, "program", "exec")


@given(st.text("0123456789.,()+-*/%^x ab", max_size=60))
def test_any_text_is_taken(text: str) -> None:
    """Nothing that is said makes an error."""
    found = calculation_in(text)
    if found is not None:
        compile(found.code, "program", "exec")
