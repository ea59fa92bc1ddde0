"""Save a conversation to SQLite, and go on with it later."""

import json
import sqlite3

import xai


def save(database: sqlite3.Connection, name: str, chat: xai.v1.Chat) -> None:
    """Store a conversation under a name."""
    with database:
        values = name, json.dumps(chat.to_dict())
        database.execute("INSERT OR REPLACE INTO chats VALUES (?, ?)", values)


def load(database: sqlite3.Connection, name: str, client: xai.v1.Client) -> xai.v1.Chat:
    """Return a stored conversation, to go on with it."""
    query = "SELECT data FROM chats WHERE name = ?"
    (data,) = database.execute(query, (name,)).fetchone()
    return client.chat.from_dict(json.loads(data))


database = sqlite3.connect("chats.db")
database.execute("CREATE TABLE IF NOT EXISTS chats (name TEXT PRIMARY KEY, data TEXT)")
with xai.v1.Client() as client:
    chat = client.chat.create("grok-4", temperature=0.3)
    print(chat.ask("What is the sea like?").content)
    save(database, "sea", chat)

with xai.v1.Client() as client:
    again = load(database, "sea", client)
    print(again.ask("And the mountain?").content)
    print(len(again.messages), "messages")
database.close()
