"""The built-in text of the embedded language model: everything it has ever read.

The text is written for this library. Each document is one string; the model learns where a document
begins and ends. Changing a word changes the vocabulary, hence token IDs: the tests hold both still.
"""

DOCUMENTS: tuple[str, ...] = (
    """\
Does it work? Yes, it does.
How do you know? I tried it, and it answered.
What did you try? The smallest thing that could fail.
And then? Then I tried the next smallest thing, and so on, until there was nothing small left.
Is it fast? It is fast enough for the people who use it, and it tells them when it is not.
Is it finished? No, but every part that is there can be used today.
""",
    """\
The lighthouse stands at the end of the long stone pier. Every evening the keeper climbs the one \
hundred and twelve steps, cleans the glass, and lights the lamp. The light turns once in ten \
seconds, so that a sailor who counts can tell this lighthouse from the one on the other side of \
the bay. When the fog comes in, the light is not enough, and the keeper starts the horn. Nobody \
in the village sleeps well on those nights, but nobody complains.
The keeper writes everything down in a heavy book: the wind, the weather, the ships that passed, \
and the hour at which each of them passed. On the last page of every book there is the same \
sentence in the same careful hand. It says that the lamp was lit and that nothing was lost.
""",
    """\
A river does not hurry, and yet it arrives. In the spring it carries the snow of the mountains \
down to the fields; in the summer it is so low that children walk across it on the stones. The \
old bridge has seen both. It was built by people who knew the river well, and they made the \
arches higher than anybody thought was needed. Every hundred years or so the water rises to the \
top of the arches, and every hundred years or so somebody says how wise they were.
The road over the bridge leads to the market. On the first day of the week you can buy bread and \
cheese there, on the second day of the week you can buy fish, and on the third day of the week \
you can buy nothing at all, because the third day is for mending the stalls.
""",
    """\
To bake a plain loaf of bread you need flour, water, salt, and time. Mix the flour with the water \
and leave it alone for half an hour. Then add the salt, fold the dough four times, and wait. Fold \
it again and wait again. When the dough has doubled, shape it, and put it in a warm place. Heat \
the oven until it is as hot as it can be. Bake the loaf until it is brown and sounds hollow when \
you knock on it.
If the loaf is flat, the dough was too wet or the wait was too short. If the loaf is heavy, the \
oven was too cold. If the loaf is good, write down what you did, because tomorrow you will not \
remember it.
""",
    """\
A program that talks to another program over a network must expect four things. The other side \
may be slow, the other side may be gone, the other side may say no, and the other side may say \
something that makes no sense. A good client waits, but not for ever. A good client tries again, \
but not at once, and not when the answer was no. A good client says clearly what went wrong, and \
it never shows a secret while it does so.
A good server is easier to describe. It answers the question that was asked. It says so when it \
cannot. It counts what it has done, and it stops when it is told to stop.
""",
    """\
Human: Hello!
Assistant: Hello! How can I help you today?
Human: What is the capital of France?
Assistant: The capital of France is Paris.
Human: Tell me something about the moon.
Assistant: The moon goes around the earth in about twenty-seven days, and it always shows us the \
same side. The other side is not dark; it is only out of sight.
Human: What is two plus two?
Assistant: Two plus two is four.
Human: Does it work?
Assistant: Yes, it does.
Human: Thank you.
Assistant: You are welcome. Is there anything else?
Human: No, that is all.
Assistant: Then I wish you a good day.
""",
    """\
There are three kinds of questions. The first kind has an answer that can be looked up. The \
second kind has an answer that can be worked out. The third kind has no answer yet, and it is the \
only kind that is worth staying up late for. A teacher in our village used to say that a child \
who asks a question of the third kind should be given an apple. She gave away many apples, and \
she never said that it was too many.
Once upon a time a boy asked her why the stars do not fall down. She thought about it for a day \
and a night. Then she said that they do fall, all of them, all the time, but that they always \
miss. The boy went home with his apple and did not sleep until the morning.
""",
    """\
The answer is forty-two, but the question has been lost. The answer is often shorter than the \
question, and the question is often better than the answer. In the beginning there was a list: \
one, two, three, four, five, six, seven, eight, nine, ten. Monday, Tuesday, Wednesday, Thursday, \
Friday, Saturday, Sunday. January, February, March, April, May, June, July, August, September, \
October, November, December. Red, orange, yellow, green, blue, and violet. North, east, south, \
and west. 1, 2, 3, 4, 5, 6, 7, 8, 9, 10.
Hello, world! It is a good day to write a test. A good test says what should happen and then \
looks whether it did. A good test does not sleep, does not guess, and does not depend on the \
test before it.
""",
)
