"""Get a value of a type of your own instead of a text."""

from dataclasses import dataclass

import xai
from xai.v1 import user


@dataclass
class Person:
    """Somebody in a text."""

    name: str
    age: int


with xai.v1.Client() as client:
    chat = client.chat.create("grok-4", messages=[user("Anna is 33 years old.")])
    try:
        _, person = chat.parse(Person)
        print(person.name, person.age)
    except xai.v1.ParseError as error:
        print("not a person:", error.response.content)
