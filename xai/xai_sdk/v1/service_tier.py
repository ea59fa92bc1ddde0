"""The tiers of the service, as strings and as numbers."""

from typing import Final

from xai.xai_sdk.v1.proto.modules import load
from xai.xai_sdk.v1.types.common import ServiceTier

usage_pb2 = load("usage_pb2")

ServiceTierMap: Final[dict[ServiceTier, int]] = {
    "default": usage_pb2.SERVICE_TIER_DEFAULT,
    "priority": usage_pb2.SERVICE_TIER_PRIORITY,
}


def service_tier_to_proto(service_tier: ServiceTier) -> int:
    """Return the number of a tier.

    Raises:
        ValueError: There is no such tier.
    """
    if service_tier not in ServiceTierMap:
        raise ValueError(
            f"Invalid service tier: {service_tier}. Must be one of: {list(ServiceTierMap)}"
        )
    return ServiceTierMap[service_tier]


def service_tier_from_proto(tier: int) -> ServiceTier:
    """Return the name of a tier; ``"default"`` for one that is unset or unknown."""
    return "priority" if tier == usage_pb2.SERVICE_TIER_PRIORITY else "default"
