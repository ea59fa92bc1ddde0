"""Mistakes that ``mypy --strict`` must find in a user's program: each line names the error."""

# ruff: noqa: B018, T201  # what matters here is the use of a value, not what is done with it

import xai
from xai.proto.prompt_ide import sampler_public as pb
from xai.testing import LocalServer


def clients() -> None:
    """Wrong constructor arguments."""
    xai.Client(1)  # E: arg-type
    xai.Client("key", 1)  # E: call-arg
    xai.Client(host="localhost:1")  # E: call-arg
    xai.Client(initial_rng_seed="1")  # E: arg-type
    xai.Client(api_host=None)  # E: arg-type
    xai.Client(metadata={"key": "value"})  # E: arg-type
    xai.Client(timeout="1")  # E: arg-type
    xai.Client(retry=None)  # E: arg-type
    xai.AsyncClient(retry=3)  # E: arg-type
    xai.AsyncClient(ssl_context=True)  # E: arg-type
    xai.Client().with_options(api_key="key")  # E: call-arg
    xai.Client().with_options(timeout=object())  # E: arg-type


def blocks(client: xai.Client, other: xai.AsyncClient) -> None:
    """The wrong kind of block, or of loop, for a twin."""
    with other:  # E: attr-defined, attr-defined
        pass
    for _ in other.sampler.sample("a"):  # E: attr-defined
        pass
    with other.sampler.sample("a"):  # E: attr-defined, attr-defined
        pass
    client.close().real  # E: func-returns-value, attr-defined


async def asynchronous_blocks(client: xai.Client, other: xai.AsyncClient) -> None:
    """As above, and a call that nobody awaits."""
    async with client:  # E: attr-defined, attr-defined
        pass
    async for _ in client.sampler.sample("a"):  # E: attr-defined
        pass
    await client.sampler.tokenize("a")  # E: misc
    await other.sampler.sample("a")  # E: misc
    other.sampler.tokenize("a")  # E: unused-coroutine
    other.close()  # E: unused-coroutine
    len(other.sampler.list_models())  # E: arg-type


def sampling(client: xai.Client) -> None:
    """Wrong arguments of a call."""
    client.sampler.sample(1)  # E: arg-type
    client.sampler.sample([1, "a"])  # E: arg-type
    client.sampler.sample([1.5])  # E: arg-type
    client.sampler.sample("a", "model")  # E: call-arg
    client.sampler.sample("a", max_len=1.5)  # E: arg-type
    client.sampler.sample("a", temperature="hot")  # E: arg-type
    client.sampler.sample("a", stop_tokens=[1])  # E: list-item
    client.sampler.sample("a", allowed_tokens=[b"a"])  # E: list-item
    client.sampler.sample("a", inputs=[1])  # E: list-item
    client.sampler.sample("a", rng_seed="1")  # E: arg-type
    client.sampler.sample("a", seed=1)  # E: call-arg
    client.sampler.sample("a", return_attention="yes")  # E: arg-type
    client.sampler.tokenize()  # E: call-arg
    client.sampler.tokenize(b"a")  # E: arg-type
    client.sampler.get_token_budget(1)  # E: arg-type
    client.sampler.list_models("a")  # E: call-arg
    client.sampler.tokenise("a")  # E: attr-defined
    client.smapler.tokenize("a")  # E: attr-defined


def values(client: xai.Client, token: xai.Token) -> None:
    """Values can't be changed, and are not what they are not."""
    token.token_str = "b"  # E: misc
    client.sampler = client.sampler  # E: misc
    wrong: list[str] = client.sampler.tokenize("a")  # E: assignment
    text: str = client.sampler.sample("a")  # E: assignment
    xai.Token("1", "a")  # E: arg-type
    print(wrong, text, token.text)  # E: attr-defined
    budget = client.sampler.get_token_budget()
    print(budget.left)  # E: attr-defined
    print(client.sampler.sample("a")[0])  # E: index


def options() -> None:
    """Options are keywords, checked and frozen."""
    xai.RetryPolicy(3)  # E: call-arg
    xai.RetryPolicy(attempts=3)  # E: call-arg
    xai.RetryPolicy(max_attempts="3")  # E: arg-type
    xai.RetryPolicy(max_attempts=None)  # E: arg-type
    xai.RetryPolicy(retry_on=["UNAVAILABLE"])  # E: list-item
    xai.RetryPolicy(retry_on=xai.StatusCode.UNAVAILABLE)  # E: arg-type
    xai.Timeouts(30)  # E: call-arg
    xai.Timeouts(total="30")  # E: arg-type
    xai.RetryPolicy().max_attempts = 3  # E: misc
    xai.Timeouts().total = 3  # E: misc


def errors(error: xai.APIError) -> None:
    """Errors have the documented attributes, and no others."""
    print(error.status)  # E: attr-defined
    print(error.details[0].retry_delay)  # E: attr-defined
    print(xai.TimeoutError)  # E: attr-defined
    number: str = error.attempts  # E: assignment
    print(number, xai.StatusCode.TIMEOUT)  # E: attr-defined
    xai.APIError("no code")  # E: call-arg, arg-type


def narrowing(timeout: float | xai.NotGiven | None) -> float | None:
    """The sentinel has to be told apart first."""
    return timeout  # E: return-value


def stubs(client: xai.Client) -> None:
    """The generated services take their own messages, and keywords."""
    client.stubs.sampler.tokenize("a")  # E: arg-type
    client.stubs.sampler.tokenize(pb.SampleTokensRequest())  # E: arg-type
    client.stubs.sampler.tokenize()  # E: call-arg
    client.stubs.sampler.tokenize(pb.TokenizeRequest(), 1.0)  # E: call-arg
    client.stubs.sampler.tokenize(pb.TokenizeRequest(), timeout="1")  # E: arg-type
    client.stubs.sampler.tokenize(pb.TokenizeRequest(prompt="a"))  # E: call-arg
    client.stubs.sampler.tokenize(pb.TokenizeRequest(text=1))  # E: arg-type
    client.stubs.sampler.sample_tokens(pb.SampleTokensRequest()).tokens  # E: attr-defined
    client.stubs.samplers  # E: attr-defined


def check(client: xai.AsyncClient) -> None:
    """The check takes a blocking client and gives nothing."""
    xai.does_it_work("key")  # E: arg-type
    xai.does_it_work(client)  # E: arg-type
    print(xai.does_it_work())  # E(mypy): func-returns-value


def local_server(server: LocalServer) -> None:
    """The embedded server's arguments are keywords."""
    LocalServer("localhost")  # E: call-arg, arg-type
    LocalServer(api_keys=["key"])  # E: arg-type
    server.fail("UNAVAILABLE")  # E: arg-type
    server.client(tiemout=1)  # E: call-arg
    server.client().sampler.tokenize(1)  # E: arg-type
