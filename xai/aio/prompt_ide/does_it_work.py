"""`does_it_work`: a quick check of the key and the connection."""

from xai._text import escape_controls
from xai.aio.client import AsyncClient

_QUESTION = "Does it work?"


async def does_it_work(client: AsyncClient | None = None) -> None:
    """Sample a short continuation from the model and print it.

    Prints ``Does it work? Yes, it does.`` when all is well, and in any case the model's text.
    The key needs the ACL ``sampler:write``.

    Args:
        client: The client to use; one made from the environment when None.

    Raises:
        ValueError: There is no key in the environment.
        APIError: The call failed.
    """
    if client is None:
        async with AsyncClient() as own:
            await does_it_work(own)
        return
    said = ""
    async for token in client.sampler.sample(
        _QUESTION, max_len=16, temperature=0.0, stop_strings=["."]
    ):
        said += token.token_str
    text = escape_controls(said.replace("▁", " "), keep_lines=True)
    print(_QUESTION + text)  # noqa: T201  # what the function is for


does_it_work.__module__ = "xai"
