# Why this exists: see __init__.pyi. Only what the generator and the tests call.
from collections.abc import Sequence

def main(command_arguments: Sequence[str | bytes]) -> int: ...
