"""An interrupt while a video is waited for."""

import pytest

from xai.testing import LocalServer


def test_interrupt_has_the_id_of_the_video() -> None:
    """What was started and paid for can be found again after Ctrl-C."""

    def interrupt(progress: int) -> None:
        if progress:
            raise KeyboardInterrupt

    with LocalServer() as server, server.client() as client:
        with pytest.raises(KeyboardInterrupt) as caught:
            client.v1.video.generate("A tree", "grok-imagine-video", on_progress=interrupt)
        told = [*getattr(caught.value, "__notes__", ()), *caught.value.args]
        request_id = told[0].partition(" as ")[2].partition(";")[0]
        assert client.v1.video.job(request_id).wait(interval=0.01).url
