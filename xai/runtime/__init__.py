"""How a call reaches the wire; nothing in here knows a service or a message."""
