"""Count tokens, cost and failures for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

import xai
from xai.v1 import user

registry = CollectorRegistry()
TOKENS = Counter("xai_tokens", "Tokens by kind.", ["model", "kind"], registry=registry)
COST = Counter("xai_cost_usd", "What was spent.", ["model"], registry=registry)
FAILURES = Counter("xai_failures", "Calls that failed.", ["model", "code"], registry=registry)
SECONDS = Histogram("xai_seconds", "How long calls take.", ["model"], registry=registry)


def ask(client: xai.v1.Client, model: str, question: str) -> str:
    """Sample a response and note what it took."""
    try:
        with SECONDS.labels(model).time():
            response = client.chat.create(model, messages=[user(question)]).sample()
    except xai.APIError as error:
        FAILURES.labels(model, error.code.name).inc()
        raise
    TOKENS.labels(model, "prompt").inc(response.usage.prompt_tokens)
    TOKENS.labels(model, "completion").inc(response.usage.completion_tokens)
    COST.labels(model).inc(response.cost_usd or 0.0)
    return response.content


with xai.v1.Client() as client:
    print(ask(client, "grok-4", "What is the sea like?"))
    print(generate_latest(registry).decode())
