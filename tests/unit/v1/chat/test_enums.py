import copy
import pickle
import typing
from enum import IntEnum

import pytest

import xai.v1
from tests import reference
from xai.proto import xai_api as pb
from xai.v1.chat import enums as literals
from xai.v1.chat.enums import member
from xai.v1.open_enum import OpenEnum

#: Each public enum beside the wire's, and what the wire's names have that the public ones lack.
ENUMS = [
    (xai.v1.FinishReason, pb.FinishReason, "REASON_"),
    (xai.v1.Role, pb.MessageRole, "ROLE_"),
    (xai.v1.ToolCallType, pb.ToolCallType, "TOOL_CALL_TYPE_"),
    (xai.v1.ToolCallStatus, pb.ToolCallStatus, "TOOL_CALL_STATUS_"),
    (xai.v1.ServerSideTool, pb.ServerSideTool, "SERVER_SIDE_TOOL_"),
    (xai.v1.ServiceTier, pb.ServiceTier, "SERVICE_TIER_"),
]


@pytest.mark.parametrize(("ours", "wire", "_prefix"), ENUMS)
def test_enum_has_the_numbers_and_names_of_the_wire(
    ours: type[OpenEnum], wire: type[IntEnum], _prefix: str
) -> None:
    """Every member of the wire's enum has its public twin, with the same number and wire name."""
    found = {kind.wire_name: int(kind) for kind in ours}  # type: ignore[attr-defined]  # each has it
    assert found == {kind.name: int(kind) for kind in wire}


@pytest.mark.parametrize(("ours", "_wire", "prefix"), ENUMS)
def test_unknown_number_is_kept(ours: type[OpenEnum], _wire: type[IntEnum], prefix: str) -> None:
    """A number of a newer server is a member with its number, and survives copying."""
    kind = ours(77)
    assert isinstance(kind, ours)
    assert kind == 77
    assert kind.name == "UNRECOGNIZED_77"
    assert kind.wire_name == f"{prefix}77"  # type: ignore[attr-defined]  # each has it
    assert pickle.loads(pickle.dumps(kind)) == copy.deepcopy(kind) == kind  # noqa: S301  # our own
    assert type(copy.copy(kind)) is ours
    assert kind not in list(ours)


@pytest.mark.parametrize(("ours", "_wire", "_prefix"), ENUMS)
def test_what_is_no_number_is_no_member(
    ours: type[OpenEnum], _wire: type[IntEnum], _prefix: str
) -> None:
    """A text is refused by the enum itself."""
    with pytest.raises(ValueError, match="nonsense"):
        ours("nonsense")  # type: ignore[arg-type]  # on purpose


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (literals.ReasoningEffort, "ReasoningEffort"),
        (literals.ToolMode, "ToolMode"),
        (literals.ImageDetail, "ImageDetail"),
        (literals.IncludeOption, "IncludeOption"),
    ],
)
def test_literals_have_all_names_of_the_reference_package(ours: object, theirs: str) -> None:
    """No name that xai_sdk knows is missing; ours has one more to include."""
    known = set(typing.get_args(getattr(reference.chat, theirs)))
    more = {"code_execution_files_output"} if theirs == "IncludeOption" else set()
    assert known
    assert set(typing.get_args(ours)) == known | more


def test_models_are_those_of_the_reference_package() -> None:
    """The names offered by editors are xai_sdk's, each once."""
    ours = typing.get_args(literals.ChatModel)
    assert sorted(ours) == sorted(typing.get_args(reference.chat.ChatModel))


TABLE = {"default": pb.ServiceTier.SERVICE_TIER_DEFAULT}


@pytest.mark.parametrize(
    "value",
    [
        "default",
        pb.ServiceTier.SERVICE_TIER_DEFAULT,
        xai.v1.ServiceTier.DEFAULT,
    ],
)
def test_member_takes_names_and_members(value: object) -> None:
    """A name of the table and a member of either enum stand for the same thing."""
    found = member("tier", value, TABLE, pb.ServiceTier, xai.v1.ServiceTier)
    assert found is pb.ServiceTier.SERVICE_TIER_DEFAULT


def test_member_keeps_unknown_numbers_of_the_public_enum() -> None:
    """A member without a name goes on as the same number."""
    found = member("tier", xai.v1.ServiceTier(9), TABLE, pb.ServiceTier, xai.v1.ServiceTier)
    assert isinstance(found, pb.ServiceTier)
    assert found == 9


@pytest.mark.parametrize("value", [1, True, None, 1.0, pb.ToolMode.TOOL_MODE_AUTO, ["default"]])
def test_member_refuses_other_types(value: object) -> None:
    """A bare number, a bool and a member of another enum are no names."""
    with pytest.raises(TypeError, match=r"^tier must be one of 'default', or a member of Serv"):
        member("tier", value, TABLE, pb.ServiceTier, xai.v1.ServiceTier)


def test_member_refuses_other_names() -> None:
    """An unknown name is refused with all choices, never replaced by a default."""
    with pytest.raises(ValueError, match=r"^tier must be one of 'default', not 'Default'$"):
        member("tier", "Default", TABLE, pb.ServiceTier)
