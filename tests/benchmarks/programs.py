"""Whole programs, as text: what counts is what a fresh interpreter does with them."""

#: The end of each program: one line of JSON, and only then what that needs.
_REPORT = """
import json
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
metrics["peak"] = float(status["VmHWM"].split()[0]) / 1024
print(json.dumps(metrics))
"""

_START = """
import time
begun = time.perf_counter()
{imports}
loaded = time.perf_counter()
{construct}
ready = time.perf_counter()
metrics = {{
    "import": (loaded - begun) * 1e3,
    "construct": (ready - loaded) * 1e3,
    "wall": (ready - begun) * 1e3,
}}
"""

#: Import, construct.
_STARTS = {
    "xai": ("import xai", "client = xai.Client('k')"),
    "xai_sdk": ("import xai_sdk", "client = xai_sdk.Client(api_key='k')"),
    "openai": ("import openai", "client = openai.OpenAI(api_key='k')"),
    "grpcio": (
        "import grpc",
        "channel = grpc.secure_channel('api.x.ai:443', grpc.ssl_channel_credentials())",
    ),
}

#: Import, construct and one reply; the same job as the scenario "unary".
_FIRSTS = {
    "python": """
import socket
peer = socket.create_connection(("127.0.0.1", {ports[echo]}))
peer.sendall(b"hello")
reply = peer.recv(5)
peer.close()
""",
    "xai": """
import xai
client = xai.Client("k", api_host="localhost:{ports[grpc]}")
reply = client.sampler.tokenize("In the beginning")
""",
    "xai_v1": """
import xai
client = xai.Client("k", api_host="localhost:{ports[grpc]}")
reply = client.v1.tokenize.tokenize_text("In the beginning", model="grok-4")
""",
    "xai_sdk": """
import xai_sdk
client = xai_sdk.Client(api_key="k", api_host="localhost:{ports[grpc]}")
reply = client.tokenize.tokenize_text("In the beginning", "grok-4")
""",
    "openai": """
import openai
client = openai.OpenAI(api_key="k", base_url="http://127.0.0.1:{ports[http]}/v1")
messages = [{{"role": "user", "content": "In the beginning"}}]
reply = client.chat.completions.create(model="grok-4", messages=messages).choices
""",
    "grpcio": """
import grpc
channel = grpc.insecure_channel("localhost:{ports[grpc]}")
reply = channel.unary_unary("/prompt_ide.Sampler/Tokenize")(b"", timeout=900.0)
""",
}

_FIRST_REPORT = """
assert reply
import time
metrics = {"done": time.perf_counter()}
"""

#: What the server has to answer the first call of a program with.
PAYLOADS = {"xai_sdk": "sdk-tokenize", "xai_v1": "sdk-tokenize"}


def program(scenario: str, peer: str, ports: dict[str, int]) -> str:
    """Return the text of a program.

    It prints its metrics: ``import``, ``construct``, ``wall`` in ms, or ``done``, the time by the
    clock that all processes share; and ``peak`` in MiB.

    Args:
        scenario: ``start``, ``first`` or ``v1-first``.
        peer: Whose.
        ports: The common server's.
    """
    if scenario == "start" and peer == "python":
        return "metrics = {}" + _REPORT
    if scenario == "start":
        imports, construct = _STARTS[peer]
        return _START.format(imports=imports, construct=construct) + _REPORT
    return _FIRSTS[peer].format(ports=ports) + _FIRST_REPORT + _REPORT
