"""The API keys of the local server: their ACLs and what each has spent, in memory."""

import contextvars
from collections import deque
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timezone

import attrs
from grpclib.const import Status
from grpclib.exceptions import GRPCError

ALL_ACLS = "*"
DEFAULT_KEY = "local-key"
DEFAULT_MANAGEMENT_KEY = "local-management-key"
#: How the paths begin that want a management key, and no other key.
_MANAGEMENT = "/collections."
# The wording is the service's: programs show it and tests compare it.
MISSING_ACLS = "API key is missing ACLs required to perform this request."
_BEARER = "Bearer "
# Of a shorter key the last characters would be too large a part.
_SHOWN, _LONG_ENOUGH = 4, 16
_MOST_TRANSACTIONS = 10_000


@attrs.define(eq=False)
class Transaction:
    """One spending of tokens.

    Attributes:
        confirmed: Whether the call was served to its end.
    """

    transaction_id: str
    transaction_type: str
    model_name: str
    num_prompt_tokens: int
    num_generated_tokens: int = 0
    create_time: datetime = attrs.field(factory=lambda: datetime.now(timezone.utc))
    confirmed: bool = False


@attrs.define(eq=False)
class Account:
    """What belongs to one API key.

    Attributes:
        acls: What the key may do.
        redacted_key: The key with all but its last characters hidden.
        number: Which of the server's keys it is, from 1.
        management: Whether it is a management key.
        create_time: When the server was made.
        transactions: What the key has spent tokens on; the last 10,000.
        transaction_count: How many transactions there were.
        tokens_spent: The tokens of all transactions together.
    """

    acls: frozenset[str]
    redacted_key: str = ""
    number: int = 1
    management: bool = False
    create_time: datetime = attrs.field(factory=lambda: datetime.now(timezone.utc))
    transactions: "deque[Transaction]" = attrs.field(
        factory=lambda: deque(maxlen=_MOST_TRANSACTIONS)
    )
    transaction_count: int = 0
    tokens_spent: int = 0

    def may(self, acl: str) -> bool:
        """Tell whether the key has an ACL."""
        return acl in self.acls or ALL_ACLS in self.acls

    def open(self, transaction_type: str, model_name: str, num_prompt_tokens: int) -> Transaction:
        """Book a transaction that is not confirmed yet."""
        self.transaction_count += 1
        transaction = Transaction(
            transaction_id=f"transaction-{self.transaction_count:06d}",
            transaction_type=transaction_type,
            model_name=model_name,
            num_prompt_tokens=num_prompt_tokens,
        )
        self.transactions.append(transaction)
        self.tokens_spent += num_prompt_tokens
        return transaction

    def spend(self, transaction: Transaction) -> None:
        """Book one more token that the model produced."""
        transaction.num_generated_tokens += 1
        self.tokens_spent += 1


def _redacted(key: str) -> str:
    shown = key[-_SHOWN:] if len(key) >= _LONG_ENOUGH else ""
    return "*" * (len(key) - len(shown)) + shown


class Accounts:
    """All keys of one server.

    Args:
        api_keys: The ACLs of each key; ``"*"`` among them stands for all.
        management_keys: The keys of the management API, each for nothing else.

    Raises:
        ValueError: A key is of both kinds.
    """

    def __init__(
        self, api_keys: Mapping[str, Collection[str]], management_keys: Collection[str] = ()
    ) -> None:
        if not set(management_keys).isdisjoint(api_keys):
            raise ValueError("A management key must not be an API key as well.")
        self._accounts = {
            key: Account(
                frozenset([acls] if isinstance(acls, str) else acls),
                redacted_key=_redacted(key),
                number=number,
            )
            for number, (key, acls) in enumerate(api_keys.items(), 1)
        }
        self._management_keys = tuple(management_keys)
        for number, key in enumerate(management_keys, len(self._accounts) + 1):
            self._accounts[key] = Account(
                frozenset(), redacted_key=_redacted(key), number=number, management=True
            )

    def first_key(self) -> str:
        """Return the key that was named first."""
        key, account = next(iter(self._accounts.items()), ("", None))
        if account is None or account.management:
            raise ValueError("The server knows no API key.")
        return key

    def first_management_key(self) -> str | None:
        """Return the management key that was named first; None when there is none."""
        return self._management_keys[0] if self._management_keys else None

    def authenticate(
        self, headers: Iterable[tuple[str, str]], acl: str | None, path: str = ""
    ) -> Account:
        """Return the account of the caller.

        The key travels as ``apikey`` or, with clients of v1, as a bearer token.

        Args:
            headers: The headers of the call.
            acl: What the key must be allowed to do; anything when None.
            path: The method, which decides about the kind of key.

        Raises:
            GRPCError: The key is missing or unknown, or lacks the ACL.
        """
        pairs = list(headers)
        keys = [value for name, value in pairs if name == "apikey"]
        keys = keys or [
            value[len(_BEARER) :]
            for name, value in pairs
            if name == "authorization" and value.startswith(_BEARER)
        ]
        if not keys:
            raise GRPCError(Status.UNAUTHENTICATED, "No API key provided.")
        account = self._accounts.get(keys[-1])
        if account is None or account.management is not path.startswith(_MANAGEMENT):
            raise GRPCError(Status.UNAUTHENTICATED, "Incorrect API key provided.")
        if acl is not None and not account.may(acl):
            raise GRPCError(Status.PERMISSION_DENIED, MISSING_ACLS)
        return account


_CALLER: "contextvars.ContextVar[Account]" = contextvars.ContextVar("xai_testing_caller")


def set_caller(account: Account) -> None:
    """Make an account the one on whose behalf the current task works."""
    _CALLER.set(account)


def caller() -> Account:
    """Return the account on whose behalf the current task works."""
    return _CALLER.get()
