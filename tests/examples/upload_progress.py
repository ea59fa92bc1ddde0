"""Upload a large file and show how far it has come."""

from pathlib import Path

from tqdm import tqdm

import xai

Path("large.txt").write_text("All that there is to know.\n" * 100_000, encoding="utf-8")

with xai.v1.Client() as client:
    # A function of the bytes done and the bytes in all does as well as a bar.
    with tqdm(unit="B", unit_scale=True) as bar:
        uploaded = client.files.upload("large.txt", on_progress=bar)
    print(uploaded.id, uploaded.size)
    client.files.delete(uploaded.id)
