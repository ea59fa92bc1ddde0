"""``xai ask``: one prompt, one response."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

import xai
from xai.commands.ask import inputs
from xai.commands.ask.last import forget_or_keep, last_response
from xai.commands.connection import DEFAULT_MODEL, find_model, near_names, v1_client
from xai.commands.log_store import add_entry
from xai.commands.options import Command, connection, json_option, model_option
from xai.commands.output import note, print_json
from xai.commands.render import print_reasoning, response_writer

if TYPE_CHECKING:
    from collections.abc import Callable


@click.command("ask", cls=Command)
@click.argument("prompt", required=False)
@model_option(
    f"Model (default: that of the conversation that goes on, or {DEFAULT_MODEL}, or if the server "
    "lists its models without it, the first of those)."
)
@click.option("-s", "--system", metavar="TEXT", help="System prompt.")
@click.option(
    "-a",
    "--attach",
    multiple=True,
    metavar="FILE|URL|-",
    help="Picture or document to attach; - is what is piped in. May be repeated.",
)
@click.option(
    "--schema",
    metavar="FILE|FIELDS",
    help="Respond in JSON: a file with a JSON schema, or fields such as 'name str, age int'.",
)
@click.option(
    "-t",
    "--tool",
    "tools",
    multiple=True,
    metavar="TOOL",
    help="web_search, x_search or code_execution, or module:function for a function of Python, "
    "which is imported and run here. May be repeated.",
)
@click.option("-c", "go_on", is_flag=True, help="Go on with the last response.")
@click.option("--continue", "after", metavar="ID", help="Go on with the stored response ID.")
@click.option(
    "--no-store",
    is_flag=True,
    help="Do not let the server store the response; it can't be gone on with then.",
)
@json_option
@click.option("--usage", is_flag=True, help="Write tokens, cost and the response's ID to stderr.")
@click.option("--no-stream", is_flag=True, help="Write the response once it is complete.")
@click.option("--reasoning", is_flag=True, help="Write what the model thinks to stderr.")
@connection("Time for a response, retries included", 900.0)
def ask(  # noqa: PLR0917  # as click passes them
    prompt: str | None,
    model: str,
    system: str | None,
    attach: tuple[str, ...],
    schema: str | None,
    tools: tuple[str, ...],
    go_on: bool,  # noqa: FBT001
    after: str | None,
    no_store: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
    usage: bool,  # noqa: FBT001
    no_stream: bool,  # noqa: FBT001
    reasoning: bool,  # noqa: FBT001
    host: str,
    timeout: float,
) -> None:
    """Ask a model something, and print its response as it comes.

    What is piped in is one document, which stands before PROMPT: cat notes | xai ask "sum up".
    The output has the response alone; on a terminal it is shown as Markdown. The response is
    stored on the server for -c and --continue, unless --no-store is given.

    The key comes from the environment variable XAI_API_KEY, and needs the ACL chat:write.
    """
    if go_on and after is not None:
        raise click.UsageError("-c and --continue exclude each other.")
    content = _content(prompt, attach)
    shape = None if schema is None else inputs.schema(schema)
    server_tools, functions = inputs.tools(tools)
    if go_on:
        after, before = last_response(host)
        model = model or before
    with v1_client(host, timeout) as client:
        name = find_model(client, model)()
        messages = [] if system is None else [xai.v1.system(system)]
        # Their types are those of the API's messages, which commands know by their makers alone.
        given: dict[str, Any] = {"tools": server_tools, "response_format": shape}
        chat = client.chat.create(
            name,
            messages=[*messages, xai.v1.user(*content)],
            previous_response_id=after,
            store_messages=not no_store,
            **given,
        )
        with near_names(client, name):
            if as_json or no_stream:
                response = chat.run(tools=functions).response if functions else chat.sample()
                if reasoning and response.reasoning_content:
                    print_reasoning(f"{response.reasoning_content}\n")
                if not as_json:
                    with response_writer(markdown=shape is None) as writer:
                        writer.add(response.content)
            else:
                response = _stream(chat, functions, markdown=shape is None, reasoning=reasoning)
    if as_json:
        print_json(response.to_dict())
    if usage:
        note(_usage(response))
    said = "\n\n".join(part for part in content if isinstance(part, str))
    add_entry(
        id=response.id,
        previous_id=after,
        host=host,
        model=name,
        system=system,
        prompt=said,
        response=response.content,
        prompt_tokens=response.usage.prompt_tokens,
        completion_tokens=response.usage.completion_tokens,
        cost_usd=response.cost_usd,
    )
    forget_or_keep(host, "" if no_store else response.id, name)


def _content(prompt: str | None, attach: Sequence[str]) -> "list[xai.v1.Part]":
    """Return the parts of the message: what is piped in, what is attached, and the prompt."""
    piped = inputs.read_input()
    parts: list[xai.v1.Part] = []
    if piped.strip() and "-" not in attach:
        parts.append(inputs.as_text(piped))
    parts += [inputs.attachment(source, piped) for source in attach]
    if prompt:
        parts.append(prompt)
    if not parts:
        raise click.UsageError("There is no prompt: give one, or pipe it in.")
    return parts


def _stream(
    chat: "xai.v1.Chat",
    functions: "list[Callable[..., object]]",
    *,
    markdown: bool,
    reasoning: bool,
) -> "xai.v1.Response":
    """Print a response as it comes, and return it."""
    thought = False
    with response_writer(markdown=markdown) as writer:

        def show(chunk: "xai.v1.Chunk") -> None:
            nonlocal thought
            if reasoning and chunk.reasoning_content:
                print_reasoning(chunk.reasoning_content)
                thought = True
            if chunk.content:
                if thought:
                    print_reasoning("\n")
                    thought = False
                writer.add(chunk.content)

        if not functions:
            with chat.stream() as stream:
                for _, chunk in stream:
                    show(chunk)
                return stream.response
        with chat.run_stream(tools=functions) as steps:
            for step in steps:
                if isinstance(step, xai.v1.ChunkStep):
                    show(step.chunk)
                elif isinstance(step, xai.v1.ToolStep):
                    failed = f" failed: {step.error}" if step.error else ""
                    note(f"called {step.call.function.name}{failed}")
            return steps.result.response


def _usage(response: "xai.v1.Response") -> str:
    usage = response.usage
    cost = "" if response.cost_usd is None else f", ${response.cost_usd:.6f}"
    tokens = f"{usage.prompt_tokens} + {usage.completion_tokens} tokens{cost}"
    return f"{tokens}, {response.model}, response {response.id}"
