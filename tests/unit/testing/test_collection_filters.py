from datetime import datetime, timezone

import pytest

from xai.testing.v1.collection_filters import Filter, FilterError, Value

FIELDS = ("name", "count", "time", "fields.")
ENTRY: dict[str, Value] = {
    "name": 'A "b" c',
    "count": 5,
    "time": datetime(2025, 1, 2, tzinfo=timezone.utc),
    "fields.author": "Ann",
    "fields.empty": "",
}


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ('name:"A \\"b\\" c"', True),
        ("name:A", False),
        ("name:A*", True),
        ('name:!"A*"', False),
        ("count:5", True),
        ("count:>4 AND count:<=5", True),
        ("count:>5", False),
        ("count:!>5", True),
        ("time:>2025-01-01", True),
        ('time:<"2025-01-01T00:00:00Z"', False),
        ("fields.author:Ann AND name:A*", True),
        ("fields.author:!Ann", False),
        ('fields.empty:""', True),
        ("fields.none:x", False),
        ("fields.none:!x", True),
        ("  count : 5  AND  name : A* ", True),
    ],
)
def test_clauses_are_joined(text: str, matches: bool) -> None:  # noqa: FBT001  # of the table
    """A field matches or not; what is not there matches nothing."""
    assert Filter(text, FIELDS).matches(ENTRY) is matches


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "expected FIELD:VALUE"),
        ("name", "expected FIELD:VALUE at 'name'"),
        ("name=a", "expected FIELD:VALUE"),
        ("name:a OR name:b", "expected AND at 'OR name:b'"),
        ("name:a AND", "expected FIELD:VALUE at ''"),
        ("size:5", "there is no field 'size'; there are name, count"),
        ("count:many", "count is a number, and can't be compared with 'many'"),
        ("time:soon", "time is a time, and can't be compared with 'soon'"),
    ],
)
def test_what_is_no_filter_is_refused(text: str, reason: str) -> None:
    """The text says where it goes wrong."""
    with pytest.raises(FilterError, match=reason):
        Filter(text, FIELDS).matches(ENTRY)
