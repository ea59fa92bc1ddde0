import threading
import warnings
from datetime import datetime, timezone

from tests.support import run_child
from xai.proto.prompt_ide.sampler_public import SampleTokensResponse, Token, TokenBudget
from xai.runtime.codec import api as codec

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def test_warnings_of_the_process_are_left_alone() -> None:
    """Threads that read, write and look at messages change no filter and lose no warning."""
    response = SampleTokensResponse(token=Token(attention=[1.0, 2.0]))
    data = codec.encode(response)
    stop = threading.Event()
    errors: list[BaseException] = []

    def work() -> None:
        try:
            while not stop.is_set():
                message = codec.decode(SampleTokensResponse, data)
                codec.encode(message)
                assert not message.token.top_k
                assert not message.token.final_logit.prob
                assert TokenBudget().token_limit == 0
        except BaseException as error:  # noqa: BLE001  # handed to the test
            errors.append(error)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        filters = list(warnings.filters)
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for _ in range(5000):
            warnings.warn("mine", stacklevel=1)
        stop.set()
        for thread in threads:
            thread.join()
        assert list(warnings.filters) == filters
    assert not errors
    assert len(caught) == 5000


def test_threads_may_use_a_class_for_the_first_time_together() -> None:
    """The table of a class is whole for each thread that asks for it first."""
    script = """
import threading
from xai.runtime.codec import api as codec
from xai.proto.prompt_ide.sampler_public import SampleTokensResponse
data = bytes.fromhex("0a0e0a0c080112036162631d0000003f")
barrier, found = threading.Barrier(8), []
def work():
    barrier.wait()
    message = codec.decode(SampleTokensResponse, data)
    found.append((message.token.final_logit.string_token, codec.encode(message) == data))
threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert found == [("abc", True)] * 8, found
"""
    run_child(script)


def test_codec_of_another_package_is_not_used() -> None:
    """A codec that replaces betterproto's for everyone else does not come in between."""
    script = """
import sys, types
fake = types.ModuleType("betterproto_rust_codec")
def fail(*_):
    raise SystemExit("the other codec was used")
fake.serialize = fake.deserialize = fail
sys.modules["betterproto_rust_codec"] = fake
import copy, io, pickle
import betterproto
from xai.runtime.codec import api as codec
from xai.proto.prompt_ide.sampler_public import SampleTokensResponse, Token, Logit
assert betterproto.Message.__bytes__.__name__.endswith("bytes_patch"), "it was not installed"
message = SampleTokensResponse(token=Token(top_k=[Logit(token_id=1)]))
data = codec.encode(message)
assert bytes(message) == data == message.SerializeToString()
assert codec.decode(SampleTokensResponse, data) == message
assert SampleTokensResponse().parse(data) == SampleTokensResponse.FromString(data) == message
assert pickle.loads(pickle.dumps(message)) == copy.deepcopy(message) == message
assert len(message) == len(data)
message.dump(stream := io.BytesIO())
assert SampleTokensResponse().load(io.BytesIO(stream.getvalue())) == message
"""
    run_child(script)
