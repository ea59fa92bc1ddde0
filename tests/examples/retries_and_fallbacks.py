"""Watch retries, and fall back to another model."""

import xai
from xai.v1 import user


def show(event: xai.RetryEvent) -> None:
    """Print a line for each retry."""
    print("again:", event)


def ask(client: xai.v1.Client, question: str, *models: str) -> xai.v1.Response:
    """Return the response of the first model that has one."""
    failures: list[xai.APIError] = []
    for model in models:
        try:
            return client.chat.create(model, messages=[user(question)]).sample()
        except (xai.NotFoundError, xai.RateLimitError, xai.ServiceUnavailableError) as error:
            print(model, "failed:", error.message)
            failures.append(error)
    raise failures[-1]


policy = xai.RetryPolicy(max_attempts=3, on_retry=show)
with xai.v1.Client(retry=policy) as client:
    print(ask(client, "What is the sea like?", "no-such-model", "grok-4").content)
