import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.v1.chat.xai_sdk_chunks import Wire, cost_usd_from_usage, usages
from xai.proto import xai_api as pb
from xai.v1.chat.enums import ServerSideTool
from xai.v1.chat.usage import Usage, cost_usd, read_usage


@given(usages)
def test_usage_and_cost_are_those_of_the_reference_package(usage: Wire) -> None:
    """Every number is that of the message, and the price is the one of xai_sdk to the last bit."""
    message = pb.SamplingUsage.FromString(usage.SerializeToString())
    read = read_usage(message)
    assert attrs.asdict(read) == {
        **{field.name: getattr(usage, field.name) for field in attrs.fields(Usage)},
        "server_side_tools_used": tuple(map(ServerSideTool, usage.server_side_tools_used)),
        "cost_in_usd_ticks": (
            usage.cost_in_usd_ticks if usage.HasField("cost_in_usd_ticks") else None
        ),
    }
    assert read.cost_usd == cost_usd(message) == cost_usd_from_usage(usage)


def test_nothing_and_no_price_differ() -> None:
    """A price of 0 is a price; a price the server did not name is None."""
    assert cost_usd(pb.SamplingUsage()) is None
    assert cost_usd(pb.SamplingUsage(cost_in_usd_ticks=0)) == 0.0
    assert Usage().cost_usd is None


def test_tools_on_the_server_are_counted_by_name() -> None:
    """Uses are counted in the order of the first, and a number without a name shows as one."""
    used = [pb.ServerSideTool.SERVER_SIDE_TOOL_MCP, pb.ServerSideTool.try_value(66)]
    usage = read_usage(pb.SamplingUsage(server_side_tools_used=[*used, used[0]]))
    assert usage.server_side_tool_usage == {"SERVER_SIDE_TOOL_MCP": 2, "SERVER_SIDE_TOOL_66": 1}
    assert usage.server_side_tools_used[1] == 66


whole = st.builds(
    Usage,
    *[st.integers(0, 99)] * 8,
    st.lists(st.sampled_from(ServerSideTool), max_size=2).map(tuple),
    st.none() | st.integers(0, 99),
)


@given(whole, whole)
def test_a_sum_adds_every_field(first: Usage, second: Usage) -> None:
    """No field is forgotten, and a price that is not known counts as nothing."""
    total = first + second
    for field in attrs.fields(Usage):
        values = getattr(first, field.name), getattr(second, field.name)
        known = [value for value in values if value is not None]
        if field.name == "server_side_tools_used":
            assert total.server_side_tools_used == known[0] + known[1]
        else:
            assert getattr(total, field.name) == (sum(known) if known else None)


def test_usage_is_not_added_to_numbers() -> None:
    """Adding anything else is a mistake."""
    with pytest.raises(TypeError):
        Usage() + 1  # type: ignore[operator]  # the mistake
