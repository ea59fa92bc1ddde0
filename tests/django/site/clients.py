"""The clients of the site: made when it is imported, used from then on, never closed.

``XAI_API_KEY`` is read by the library. ``SITE_WARM`` makes a call right here, which under
``--preload`` is before the fork.
"""

import os

import xai

HOST = os.environ["SITE_API_HOST"]

blocking = xai.Client(api_host=HOST, timeout=60.0)
asynchronous = xai.AsyncClient(api_host=HOST, timeout=60.0)

if os.environ.get("SITE_WARM"):
    blocking.sampler.list_models()
