"""What the tests of the site share."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest

import xai
from tests.django.processes import Api

#: How long the streams are that are expected to be read to their end.
LENGTH = 12
#: As the site says; its module can't be imported here, for it makes its clients then.
ENDS = ("<|eos|>",)


@pytest.fixture
def api() -> Iterator[Api]:
    """Run the API in a process of its own."""
    with Api() as api:
        yield api


@pytest.fixture
def slow_api() -> Iterator[Api]:
    """Run the API with a pause after each token, so that streams last."""
    with Api(0.03) as api:
        yield api


@pytest.fixture
def expected(api: Api) -> dict[str, str]:
    """Return what the site has to answer, as the API itself says: each path has another answer."""
    bodies = {}
    with xai.Client(api.key, api_host=api.host) as client:
        for number in range(30):
            text = f"the river number {number}"
            found = client.sampler.tokenize(text)
            bodies[f"/tokens?text={quote(text)}"] = "|".join(token.token_str for token in found)
        for prompt in ("The sea", "The mountain"):
            sampled = client.sampler.sample(
                prompt, max_len=LENGTH, rng_seed=7, disallowed_tokens=ENDS
            )
            body = "".join(token.token_str + "\n" for token in sampled)
            bodies[f"/stream?text={quote(prompt)}&length={LENGTH}"] = body
    return bodies
