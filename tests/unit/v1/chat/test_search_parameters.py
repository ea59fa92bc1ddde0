from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from tests import reference
from xai import v1
from xai.proto import xai_api as pb

theirs = reference.search
NAIVE = datetime(2025, 3, 4, 5, 6, 7, 89)  # noqa: DTZ001  # what the test is about
AWARE = datetime(2025, 3, 4, 5, 6, 7, tzinfo=timezone(timedelta(hours=2)))
SITES = ["a.com", "b.com"]

SOURCES: dict[str, tuple[Callable[..., pb.Source], Callable[..., Any], list[dict[str, object]]]] = {
    "web": (
        v1.web_source,
        theirs.web_source,
        [
            {},
            {"country": "GB"},
            {"excluded_websites": SITES},
            {"excluded_websites": []},
            {"allowed_websites": SITES},
            {"safe_search": False},
            {"country": "us", "allowed_websites": SITES, "safe_search": True},
        ],
    ),
    "news": (
        v1.news_source,
        theirs.news_source,
        [
            {},
            {"country": "GB"},
            {"excluded_websites": SITES},
            {"safe_search": False},
            {"country": "DE", "excluded_websites": SITES, "safe_search": False},
        ],
    ),
    "x": (
        v1.x_source,
        theirs.x_source,
        [
            {},
            {"included_x_handles": ["xai"]},
            {"excluded_x_handles": ["xai"]},
            {"post_favorite_count": 0},
            {"post_view_count": 2**31 - 1},
            {"included_x_handles": ["a"], "post_favorite_count": 1, "post_view_count": 2},
        ],
    ),
    "rss": (v1.rss_source, theirs.rss_source, [{"links": ["https://a", "https://b"]}]),
}


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [(kind, arguments) for kind, (_, _, cases) in SOURCES.items() for arguments in cases],
)
def test_source_has_the_reference_bytes(kind: str, arguments: dict[str, object]) -> None:
    """A source is what xai_sdk makes of the same arguments."""
    ours, expected, _ = SOURCES[kind]
    assert bytes(ours(**arguments)) == reference.wire(expected(**arguments))


def test_sources_take_positions_as_the_reference_ones_do() -> None:
    """Arguments may be given by position in the reference order."""
    for name, args in (
        ("web_source", ("US", SITES, [])),
        ("news_source", ("US", SITES)),
        ("x_source", (["a"], ["b"], 1, 2)),
        ("rss_source", (["a"],)),
    ):
        assert bytes(getattr(v1, name)(*args)) == reference.wire(getattr(theirs, name)(*args))


PARAMETERS: list[dict[str, object]] = [
    {},
    {"mode": "auto"},
    {"mode": "on"},
    {"mode": "off"},
    {"from_date": NAIVE},
    {"from_date": AWARE},
    {"to_date": NAIVE},
    {"from_date": datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=timezone.utc)},
    {"from_date": datetime(1, 1, 1, tzinfo=timezone.utc)},
    {"return_citations": False},
    {"max_search_results": 1},
    {"max_search_results": 30},
    {"mode": "on", "from_date": AWARE, "to_date": NAIVE, "max_search_results": 3},
]


def parameters(kind: Any, sources: Sequence[object], given: dict[str, object]) -> Any:  # noqa: ANN401  # of either package
    """Return parameters of one of the packages, with two sources if any."""
    return kind(**given, sources=sources) if sources else kind(**given)


@pytest.mark.parametrize("given", PARAMETERS)
@pytest.mark.parametrize("with_sources", [False, True])
def test_parameters_have_the_reference_bytes(
    given: dict[str, object], *, with_sources: bool
) -> None:
    """Parameters are what xai_sdk makes of them; naive dates are UTC."""
    ours = parameters(
        v1.SearchParameters, [v1.web_source(), v1.x_source()] if with_sources else [], given
    )
    wanted = parameters(
        theirs.SearchParameters,
        [theirs.web_source(), theirs.x_source()] if with_sources else [],
        given,
    )
    assert bytes(ours.to_proto()) == reference.wire(wanted._to_proto())


def test_mode_may_be_a_member() -> None:
    """The enum's member stands for the same mode as its name."""
    mode = pb.SearchMode.OFF_SEARCH_MODE
    assert v1.SearchParameters(mode=mode).to_proto() == v1.SearchParameters(mode="off").to_proto()


def test_parameters_don_t_follow_the_list_of_the_caller() -> None:
    """What was checked is what is sent, whatever becomes of the caller's list."""
    sources = [v1.web_source()]
    made = v1.SearchParameters(sources=sources)
    sources.clear()
    assert len(made.to_proto().sources) == 1


WRONG: list[tuple[Callable[[], object], type[Exception], str]] = [
    (lambda: v1.SearchParameters(sources=v1.web_source()), TypeError, "sources must be a sequence"),  # type: ignore[arg-type]  # on purpose
    (lambda: v1.SearchParameters(sources=["web"]), TypeError, r"sources\[0\] must be a Source"),  # type: ignore[list-item]  # on purpose
    (lambda: v1.SearchParameters(mode="On"), ValueError, "mode must be one of 'auto', 'on', 'off'"),  # type: ignore[arg-type]  # on purpose
    (lambda: v1.SearchParameters(mode=1), TypeError, "mode must be one of .* not int"),  # type: ignore[arg-type]  # on purpose
    (lambda: v1.SearchParameters(from_date="2025"), TypeError, "from_date must be a datetime"),  # type: ignore[arg-type]  # on purpose
    (lambda: v1.SearchParameters(to_date=NAIVE.date()), TypeError, "to_date must be a datetime"),  # type: ignore[arg-type]  # on purpose
    (
        lambda: v1.SearchParameters(from_date=NAIVE, to_date=AWARE),
        ValueError,
        "from_date must not be after to_date",
    ),
    (lambda: v1.SearchParameters(return_citations=1), TypeError, "return_citations must be a bool"),  # type: ignore[arg-type]  # on purpose
    (
        lambda: v1.SearchParameters(max_search_results=0),
        ValueError,
        "max_search_results must be from 1 to 30, not 0",
    ),
    (lambda: v1.SearchParameters(max_search_results=31), ValueError, "max_search_results must be"),
    (lambda: v1.SearchParameters(max_search_results=True), TypeError, "max_search_results must be"),
    (lambda: v1.web_source("USA"), ValueError, "country must be two letters of ISO 3166-1, not 'U"),
    (lambda: v1.web_source("ÖÖ"), ValueError, "country must be two letters"),
    (lambda: v1.web_source(1), TypeError, "country must be a str, not int"),  # type: ignore[arg-type]  # on purpose
    (lambda: v1.web_source(None, "a.com"), TypeError, "excluded_websites must be a sequence of st"),
    (lambda: v1.web_source(None, [1]), TypeError, r"excluded_websites\[0\] must be a str"),  # type: ignore[list-item]  # on purpose
    (lambda: v1.web_source(None, ["a", ""]), ValueError, r"excluded_websites\[1\] must not be em"),
    (lambda: v1.web_source(None, ["a"] * 6), ValueError, "excluded_websites must have at most 5 i"),
    (
        lambda: v1.web_source(None, ["a"], ["b"]),
        ValueError,
        "excluded_websites and allowed_websites can't be given together",
    ),
    (lambda: v1.web_source(safe_search=1), TypeError, "safe_search must be a bool, not int"),  # type: ignore[arg-type]  # on purpose
    (lambda: v1.news_source("x"), ValueError, "country must be two letters"),
    (lambda: v1.news_source(None, ["a"] * 6), ValueError, "excluded_websites must have at most 5"),
    (lambda: v1.news_source(safe_search=0), TypeError, "safe_search must be a bool, not int"),  # type: ignore[arg-type]  # on purpose
    (lambda: v1.x_source(["@xai"]), ValueError, r"included_x_handles\[0\] must be a name without"),
    (lambda: v1.x_source(None, ["a", "@b"]), ValueError, r"excluded_x_handles\[1\] must be a name"),
    (lambda: v1.x_source("xai"), TypeError, "included_x_handles must be a sequence of str"),
    (lambda: v1.x_source(None, None, -1), ValueError, "post_favorite_count must be from 0 to"),
    (lambda: v1.x_source(None, None, 1, 2**31), ValueError, "post_view_count must be from 0 to"),
    (lambda: v1.rss_source("https://a"), TypeError, "links must be a sequence of str, not str"),
    (lambda: v1.rss_source([]), ValueError, "links must not be empty"),
]


@pytest.mark.parametrize(("call", "error", "match"), WRONG)
def test_wrong_argument_is_named(
    call: Callable[[], object], error: type[Exception], match: str
) -> None:
    """Each mistake is an error at the call that says which argument is wrong and why."""
    with pytest.raises(error, match=match):
        call()
