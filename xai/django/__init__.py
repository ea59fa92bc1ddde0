"""Django: one client a process, streamed responses, checks, and a local server in tests.

Put ``"xai.django"`` into ``INSTALLED_APPS``, and the client's arguments, in capitals, into the
setting ``XAI``: ``XAI = {"TIMEOUT": 25.0}``. Without an ``API_KEY`` there, the key is read from the
environment variable ``XAI_API_KEY``. Nothing is needed, or connected, before the first call.
"""

try:
    import django  # noqa: F401  # the message below is better than the one from within
except ImportError as error:
    raise ImportError(
        'xai.django needs Django: pip install "xai-client[django]"', name="django"
    ) from error

from xai.django.clients import async_client, client
from xai.django.responses import sse_response, text_response

__all__ = ["async_client", "client", "sse_response", "text_response"]
