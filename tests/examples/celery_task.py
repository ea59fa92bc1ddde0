"""Sample a response in a Celery task, which is tried again when the service is unavailable."""

from celery import Celery

import xai
from xai.v1 import user

app = Celery("answers", broker="memory://", backend="cache+memory://")
# Made before the workers are forked: each connects with its first task.
client = xai.v1.Client()


@app.task(
    autoretry_for=(xai.ServiceUnavailableError, xai.APIConnectionError),
    retry_backoff=True,
    max_retries=5,
)
def answer(question: str) -> str:
    """Return the answer to a question."""
    chat = client.chat.create("grok-4", messages=[user(question)])
    return chat.sample().content


if __name__ == "__main__":
    app.conf.task_always_eager = True  # here, instead of in a worker
    print(answer.delay("What is the sea like?").get())
    client.close()
