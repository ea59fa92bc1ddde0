"""Token usage and cost of a response."""

from typing import TYPE_CHECKING, Final, Protocol

import attrs

from xai._annotations import resolve_lazily
from xai.v1.chat.enums import ServerSideTool

if TYPE_CHECKING:
    from xai.proto import xai_api as pb

USD_PER_TICK: Final = 1e-10
"""The unit of costs in ``xai_api.SamplingUsage``, in US dollars."""


@attrs.frozen
class Usage:
    """Token usage; usages can be added.

    Attributes:
        completion_tokens: The number of tokens of the response.
        reasoning_tokens: The number of reasoning tokens.
        prompt_tokens: The number of tokens of the prompt.
        total_tokens: The number of tokens in total.
        prompt_text_tokens: The number of text tokens of the prompt.
        cached_prompt_text_tokens: The number of them that were cached.
        prompt_image_tokens: The number of image tokens of the prompt.
        num_sources_used: The number of search sources.
        server_side_tools_used: The server-side tools, one entry for each use.
        cost_in_usd_ticks: The cost in 1e-10 US dollars, tools included; None when the server did
            not say.
    """

    completion_tokens: int = 0
    reasoning_tokens: int = 0
    prompt_tokens: int = 0
    total_tokens: int = 0
    prompt_text_tokens: int = 0
    cached_prompt_text_tokens: int = 0
    prompt_image_tokens: int = 0
    num_sources_used: int = 0
    server_side_tools_used: tuple[ServerSideTool, ...] = ()
    cost_in_usd_ticks: int | None = None

    @property
    def cost_usd(self) -> float | None:
        """The cost in US dollars, tools included; None when the server did not say."""
        return _in_usd(self.cost_in_usd_ticks)

    @property
    def server_side_tool_usage(self) -> dict[str, int]:
        """The number of uses of each server-side tool, by its protobuf name."""
        counts: dict[str, int] = {}
        for tool in self.server_side_tools_used:
            counts[tool.wire_name] = counts.get(tool.wire_name, 0) + 1
        return counts

    def _repr_html_(self) -> str:
        """Show in a notebook what was used."""
        from xai.v1.html import dollars, table

        counts = [
            ("prompt tokens", self.prompt_tokens),
            ("of them text", self.prompt_text_tokens),
            ("of them text, cached", self.cached_prompt_text_tokens),
            ("of them images", self.prompt_image_tokens),
            ("completion tokens", self.completion_tokens),
            ("reasoning tokens", self.reasoning_tokens),
            ("total tokens", self.total_tokens),
            ("search sources", self.num_sources_used),
            *self.server_side_tool_usage.items(),
        ]
        used = [(name, f"{count:,}") for name, count in counts if count]
        return table([*used, ("cost", dollars(self.cost_usd))])

    def __add__(self, other: "Usage") -> "Usage":
        """Return what both spent; the price of one that has none counts as nothing."""
        if not isinstance(other, Usage):
            return NotImplemented
        ticks = [
            usage.cost_in_usd_ticks
            for usage in (self, other)
            if usage.cost_in_usd_ticks is not None
        ]
        return Usage(
            completion_tokens=self.completion_tokens + other.completion_tokens,
            reasoning_tokens=self.reasoning_tokens + other.reasoning_tokens,
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            total_tokens=self.total_tokens + other.total_tokens,
            prompt_text_tokens=self.prompt_text_tokens + other.prompt_text_tokens,
            cached_prompt_text_tokens=(
                self.cached_prompt_text_tokens + other.cached_prompt_text_tokens
            ),
            prompt_image_tokens=self.prompt_image_tokens + other.prompt_image_tokens,
            num_sources_used=self.num_sources_used + other.num_sources_used,
            server_side_tools_used=self.server_side_tools_used + other.server_side_tools_used,
            cost_in_usd_ticks=sum(ticks) if ticks else None,
        )


class _WithUsage(Protocol):
    """A response of any service that counts its tokens."""

    @property
    def usage(self) -> "pb.SamplingUsage": ...

    def is_set(self, name: str) -> bool: ...


def usage_of(response: _WithUsage) -> Usage:
    """Return the usage of a response; that of nothing when the server did not say."""
    # Reading a message that is not there would put one there.
    return read_usage(response.usage) if response.is_set("usage") else Usage()


def read_usage(usage: "pb.SamplingUsage") -> Usage:
    """Return the value of a message from the server."""
    return Usage(
        completion_tokens=usage.completion_tokens,
        reasoning_tokens=usage.reasoning_tokens,
        prompt_tokens=usage.prompt_tokens,
        total_tokens=usage.total_tokens,
        prompt_text_tokens=usage.prompt_text_tokens,
        cached_prompt_text_tokens=usage.cached_prompt_text_tokens,
        prompt_image_tokens=usage.prompt_image_tokens,
        num_sources_used=usage.num_sources_used,
        server_side_tools_used=tuple(
            ServerSideTool(int(tool)) for tool in usage.server_side_tools_used
        ),
        cost_in_usd_ticks=usage.cost_in_usd_ticks,
    )


def cost_usd(usage: "pb.SamplingUsage") -> float | None:
    """Return the cost of a usage.

    Args:
        usage: The usage message of the server.

    Returns:
        US dollars, tools included; None when the server did not say. Free usage is 0.
    """
    return _in_usd(usage.cost_in_usd_ticks)


def _in_usd(ticks: int | None) -> float | None:
    return None if ticks is None else ticks * USD_PER_TICK


for _public in (Usage, cost_usd):
    _public.__module__ = "xai.v1"


resolve_lazily(globals())
