"""Hold a conversation: the model sees all that was said before."""

import xai

with xai.v1.Client() as client:
    chat = client.chat.create("grok-4", messages=[xai.v1.system("You are brief.")])
    for question in ("What is the sea like?", "And the mountain?", "Which of them is older?"):
        print("you:", question)
        print("grok:", chat.ask(question).content)
    other = chat.copy()  # from here on it goes two ways
    print("grok:", other.ask("Why?").content)
    print(len(chat.messages), "and", len(other.messages), "messages")
