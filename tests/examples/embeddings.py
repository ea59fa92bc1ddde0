"""Find the text that is nearest to a question by embeddings."""

import xai

TEXTS = ["The river is high in spring.", "Cats sleep all day.", "Bread is baked in an oven."]


def similarity(left: list[float], right: list[float]) -> float:
    """Return the dot product: vectors of the API have the length 1."""
    return sum(a * b for a, b in zip(left, right, strict=True))


with xai.v1.Client() as client:
    found = client.embedder.embed([*TEXTS, "When is the river high?"], model="embedder-local")
    *known, question = found.to_list()
    best = max(range(len(TEXTS)), key=lambda index: similarity(known[index], question))
    print(TEXTS[best])
