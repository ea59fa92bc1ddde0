"""Answer a request in a Django view."""

import django
from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.urls import path

import xai
from xai.v1 import user

# One for the process: it connects when the first request needs it, before or after a fork.
client = xai.v1.Client(timeout=25.0)


def answer(request: HttpRequest) -> JsonResponse:
    """Return the model's answer to the question in the query."""
    chat = client.chat.create("grok-4", messages=[user(request.GET.get("q", "Hello"))])
    try:
        response = chat.sample()
    except xai.APIError as error:
        return JsonResponse({"error": error.message}, status=502)
    return JsonResponse({"answer": response.content, "tokens": response.usage.total_tokens})


urlpatterns = [path("answer", answer)]

if __name__ == "__main__":
    if not settings.configured:
        settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["testserver"])
        django.setup()
    from django.test import RequestFactory

    print(answer(RequestFactory().get("/answer", {"q": "What is the sea like?"})).content.decode())
    client.close()
