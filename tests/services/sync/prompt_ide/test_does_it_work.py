# Do not edit: produced by "nox -s generate" from
# tests/services/aio/prompt_ide/test_does_it_work.py
import pytest

from tests.services.recorded import paths
from tests.support import SECRET_KEY, SECRET_MARKER, run_child
from xai import APIConnectionError, Client, PermissionDeniedError, StatusCode
from xai.options import RetryPolicy
from xai.proto.prompt_ide import sampler_public as pb
from xai.sync.prompt_ide.does_it_work import does_it_work
from xai.testing import LocalServer

SAMPLE = pb.SAMPLER_SAMPLE_TOKENS
MISSING_ACLS = "API key is missing ACLs required to perform this request."


def test_it_prints_the_documented_line(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    """When all is well it prints this one line and nothing else."""
    assert does_it_work(client) is None  # type: ignore[func-returns-value]  # told to users
    assert capsys.readouterr() == ("Does it work? Yes, it does.\n", "")


def test_it_makes_its_own_client(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a client it makes one from the environment, and closes it."""
    monkeypatch.setenv("XAI_API_KEY", SECRET_KEY)
    monkeypatch.setattr(
        "xai.sync.prompt_ide.does_it_work.Client", lambda: Client(api_host=server.host)
    )
    does_it_work()
    assert capsys.readouterr().out == "Does it work? Yes, it does.\n"
    server.wait_for_connections(0)
    assert paths(server) == ["SampleTokens"]


def test_it_leaves_a_given_client_open(client: Client) -> None:
    """A client of the caller is not closed."""
    does_it_work(client)
    assert client.sampler.list_models()


def test_it_prints_what_the_model_said(
    server: LocalServer, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    """The line is the model's answer, whatever it is."""
    words = ["▁Not", "▁to", "day", "."]
    server.reply(
        SAMPLE,
        [
            pb.SampleTokensResponse(token=pb.Token(final_logit=pb.Logit(string_token=word)))
            for word in words
        ],
    )
    does_it_work(client)
    assert capsys.readouterr().out == "Does it work? Not today.\n"


def test_it_needs_the_right_to_sample_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """A key that has ``sampler:write`` and nothing else is enough."""
    with LocalServer(api_keys={SECRET_KEY: ["sampler:write"]}) as server:
        with Client(SECRET_KEY, api_host=server.host) as client:
            does_it_work(client)
    assert capsys.readouterr().out == "Does it work? Yes, it does.\n"


@pytest.mark.parametrize("acls", [[], ["sampler:read"]])
def test_key_without_the_right_is_told(acls: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A key without the ACL gets PermissionDeniedError with the server's text, and no output."""
    with LocalServer(api_keys={SECRET_KEY: acls}) as server:
        with Client(SECRET_KEY, api_host=server.host) as client:
            with pytest.raises(PermissionDeniedError) as caught:
                does_it_work(client)
    error = caught.value
    assert error.message == MISSING_ACLS
    assert str(error).startswith(MISSING_ACLS)
    assert (error.code, error.attempts) == (StatusCode.PERMISSION_DENIED, 1)
    assert error.method == SAMPLE.path
    assert len(server.calls) == 1
    assert capsys.readouterr().out == ""


def test_failure_is_the_librarys_own(
    server: LocalServer, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a failure it raises what any call raises, and prints nothing."""
    server.fail(StatusCode.PERMISSION_DENIED, "no, you may not")
    with pytest.raises(PermissionDeniedError, match="you may not"):
        does_it_work(client)
    server.drop_connection(method=SAMPLE)
    with pytest.raises(APIConnectionError, match=server.host):
        does_it_work(client.with_options(retry=RetryPolicy.none()))
    assert capsys.readouterr().out == ""


def test_missing_key_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a key the error is that of the constructor."""
    monkeypatch.delenv("XAI_API_KEY", raising=False)
    with pytest.raises(ValueError, match="XAI_API_KEY environment variable but it doesn't exist"):
        does_it_work()


def test_documented_one_liner_works(server: LocalServer) -> None:
    """``python -c "import xai; xai.does_it_work()"`` prints the line and exits with 0."""
    script = (
        "import functools, sys, xai, xai.sync.prompt_ide.does_it_work\n"
        "# The host alone is another one.\n"
        "client = functools.partial(xai.Client, api_host=sys.argv[1])\n"
        "xai.sync.prompt_ide.does_it_work.Client = client\n"
        "import xai; xai.does_it_work()\n"
    )
    result = run_child(script, env={"XAI_API_KEY": SECRET_KEY}, args=[server.host])
    assert result.stdout == "Does it work? Yes, it does.\n"


def test_documented_one_liner_fails_with_our_error(server: LocalServer) -> None:
    """On a failure the program ends with the library's error, which does not show the key."""
    script = (
        "import functools, sys, xai, xai.sync.prompt_ide.does_it_work\n"
        "own = functools.partial(xai.Client, api_host=sys.argv[1])\n"
        "xai.sync.prompt_ide.does_it_work.Client = own\n"
        "xai.does_it_work()\n"
    )
    key = f"{SECRET_KEY}-other"
    result = run_child(script, env={"XAI_API_KEY": key}, args=[server.host], check=False)
    assert result.rc == 1
    assert result.stdout == ""
    assert "xai.AuthenticationError: " in result.stderr
    assert SECRET_MARKER not in result.stderr
