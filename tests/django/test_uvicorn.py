import signal

from tests.django.processes import Api, Load, uvicorn

LONG = "/stream-async?text=Once&length=100000"
SHORT = "/stream-async?text=Once&length=40"


def asynchronous(expected: dict[str, str]) -> dict[str, str]:
    """Return what is expected of the asynchronous views, and of blocking ones in threads."""
    found = {path.replace("?", "-async?", 1): body for path, body in expected.items()}
    # A streaming view that blocks is read to its end by Django before anything is sent.
    return found | {path: body for path, body in expected.items() if path.startswith("/tokens")}


def test_answers_and_leaves_nothing_behind(api: Api, expected: dict[str, str]) -> None:
    """Views of both kinds answer right at the same time, and the end is silent."""
    with uvicorn(api) as web:
        assert web.get("/chat?text=hello")
        with Load(web, asynchronous(expected), threads=8) as load:
            load.meet(1)
            # As many answers as it takes to have asked for everything.
            api.ask("wait", "Tokenize", "ok", 200)
            tally = load.tally()
            assert load.end() == 0
        web.signal(signal.SIGTERM)
        # It ends by the signal, once it has cleaned up.
        assert web.end() == -signal.SIGTERM
        assert (tally["lost"], tally["wrong"], web.noise()) == ([], [], [])
    api.ask("connections", 0)
    assert {state for _, state in api.ask("states")} == {"ok"}


def test_browser_that_goes_away_cancels_the_call(slow_api: Api) -> None:
    """The call behind an asynchronous stream is reset when the browser leaves amid the answer."""
    with uvicorn(slow_api) as web:
        with web.open(LONG) as browser:
            assert browser.response.readline()
        call = slow_api.ask("wait", "SampleTokens", "cancelled", 1)
        assert (call["state"], call["reset"]) == ("cancelled", 8)
        assert web.get("/tokens-async?text=next")
        web.signal(signal.SIGTERM)
        assert web.end() == -signal.SIGTERM
        assert web.noise() == []


def test_termination_lets_a_stream_finish(slow_api: Api) -> None:
    """An answer that is being streamed when SIGTERM comes arrives whole, and then all is over."""
    with uvicorn(slow_api) as web:
        with web.open(SHORT) as browser:
            first = browser.response.readline()
            web.signal(signal.SIGTERM)
            rest = browser.response.read()
        assert (first + rest).count(b"\n") == 40
        assert web.end() == -signal.SIGTERM
        assert web.noise() == []
    assert [state for _, state in slow_api.ask("states")] == ["ok"]
