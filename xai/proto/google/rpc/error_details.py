# Generated from google/rpc/error_details.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The usual details of an error."""

from dataclasses import dataclass
from datetime import timedelta

import betterproto

from xai.proto import base


@dataclass(eq=False, repr=False)
class RetryInfo(base.Message):
    """Says when a repeat makes sense."""

    retry_delay: timedelta = betterproto.message_field(1)
    """How long to wait before it."""


@dataclass(eq=False, repr=False)
class DebugInfo(base.Message):
    """Where in the server something went wrong."""

    stack_entries: "list[str]" = betterproto.string_field(1)
    """The frames of the stack, the innermost first."""

    detail: str = betterproto.string_field(2)
    """What else the server has to say."""


@dataclass(eq=False, repr=False)
class QuotaFailure(base.Message):
    """Which quotas are used up."""

    violations: "list[QuotaFailureViolation]" = betterproto.message_field(1)
    """Each of them."""


@dataclass(eq=False, repr=False)
class QuotaFailureViolation(base.Message):
    """One quota that is used up."""

    subject: str = betterproto.string_field(1)
    """Whose quota it is."""

    description: str = betterproto.string_field(2)
    """What happened, in words."""

    api_service: str = betterproto.string_field(3)
    """The service that counts."""

    quota_metric: str = betterproto.string_field(4)
    """What is counted."""

    quota_id: str = betterproto.string_field(5)
    """The ID of the limit."""

    quota_dimensions: "dict[str, str]" = betterproto.map_field(
        6, betterproto.TYPE_STRING, betterproto.TYPE_STRING
    )
    """What the limit applies to."""

    quota_value: int = betterproto.int64_field(7)
    """The limit that held."""

    future_quota_value: "int | None" = betterproto.int64_field(8, optional=True)
    """The limit that will hold."""


@dataclass(eq=False, repr=False)
class ErrorInfo(base.Message):
    """Why something failed, for programs."""

    reason: str = betterproto.string_field(1)
    """The reason, a constant of the domain."""

    domain: str = betterproto.string_field(2)
    """Who defines the reason."""

    metadata: "dict[str, str]" = betterproto.map_field(
        3, betterproto.TYPE_STRING, betterproto.TYPE_STRING
    )
    """What else belongs to it."""


@dataclass(eq=False, repr=False)
class PreconditionFailure(base.Message):
    """What would have to hold first."""

    violations: "list[PreconditionFailureViolation]" = betterproto.message_field(1)
    """Each of them."""


@dataclass(eq=False, repr=False)
class PreconditionFailureViolation(base.Message):
    """One condition that does not hold."""

    type: str = betterproto.string_field(1)
    """The kind of condition."""

    subject: str = betterproto.string_field(2)
    """What it is about."""

    description: str = betterproto.string_field(3)
    """How to fulfil it, in words."""


@dataclass(eq=False, repr=False)
class BadRequest(base.Message):
    """What is wrong with a request."""

    field_violations: "list[BadRequestFieldViolation]" = betterproto.message_field(1)
    """Each of them."""


@dataclass(eq=False, repr=False)
class BadRequestFieldViolation(base.Message):
    """One field that is wrong."""

    field: str = betterproto.string_field(1)
    """The path of the field."""

    description: str = betterproto.string_field(2)
    """What is wrong, in words."""

    reason: str = betterproto.string_field(3)
    """What is wrong, as a constant."""

    localized_message: "LocalizedMessage" = betterproto.message_field(4)
    """What is wrong, in the user's language."""


@dataclass(eq=False, repr=False)
class RequestInfo(base.Message):
    """Names a request, for questions to its operator."""

    request_id: str = betterproto.string_field(1)
    """The ID of the request."""

    serving_data: str = betterproto.string_field(2)
    """What the operator needs to find it."""


@dataclass(eq=False, repr=False)
class ResourceInfo(base.Message):
    """Which resource the error is about."""

    resource_type: str = betterproto.string_field(1)
    """The kind of resource."""

    resource_name: str = betterproto.string_field(2)
    """Its name."""

    owner: str = betterproto.string_field(3)
    """Who owns it."""

    description: str = betterproto.string_field(4)
    """What happened to it, in words."""


@dataclass(eq=False, repr=False)
class Help(base.Message):
    """Where to read on."""

    links: "list[HelpLink]" = betterproto.message_field(1)
    """Each of them."""


@dataclass(eq=False, repr=False)
class HelpLink(base.Message):
    """One place to read on."""

    description: str = betterproto.string_field(1)
    """What it offers."""

    url: str = betterproto.string_field(2)
    """Where it is."""


@dataclass(eq=False, repr=False)
class LocalizedMessage(base.Message):
    """A text for the user, in the user's language."""

    locale: str = betterproto.string_field(1)
    """The language, as in BCP 47."""

    message: str = betterproto.string_field(2)
    """The text."""
