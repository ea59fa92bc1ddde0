"""Upload a file, ask about it, download it again and delete it."""

from pathlib import Path

import xai
from xai.v1 import file, user

Path("notes.txt").write_text("The word is plover.", encoding="utf-8")

with xai.v1.Client() as client:
    notes = client.files.upload("notes.txt", expires_after=3600)
    print(notes.id, notes.filename, notes.size)
    question = user("What is the word?", file(file_id=notes.id))
    print(client.chat.create("grok-4", messages=[question]).sample().content)
    print(client.files.download(notes.id, "copy.txt"), "bytes")
    for one in client.files.list(sort_by="created_at", order="desc"):
        print(one.filename, one.size)
    client.files.delete(notes.id)
