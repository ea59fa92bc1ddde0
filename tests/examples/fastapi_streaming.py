"""Stream a response to a browser with FastAPI; run it with `uvicorn fastapi_streaming:app`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.responses import StreamingResponse

import xai
from xai.v1 import user

client = xai.v1.AsyncClient()


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Close the client with the application."""
    async with client:
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/story")
async def story(about: str) -> StreamingResponse:
    """Stream a story; when the browser goes away, the call is cancelled."""

    async def chunks() -> AsyncIterator[str]:
        chat = client.chat.create("grok-4", messages=[user(f"Tell me about {about}.")])
        async with chat.stream() as stream:
            async for _, chunk in stream:
                yield chunk.content

    return StreamingResponse(chunks(), media_type="text/plain")


if __name__ == "__main__":
    from fastapi.testclient import TestClient

    with TestClient(app) as browser:
        print(browser.get("/story", params={"about": "the river"}).text)
