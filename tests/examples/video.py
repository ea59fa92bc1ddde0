"""Make a video, and make it longer."""

import xai

with xai.v1.Client() as client:
    job = client.video.start("A red ball rolls downhill", "grok-imagine-video", duration=2)
    video = job.wait(timeout=600.0, interval=0.1, on_progress=print)
    print(video.download("ball.mp4"), video.duration, "s", video.cost_usd, "USD")
    longer = client.video.extend("It stops", "grok-imagine-video", video=video, duration=2)
    print(longer.duration, "s")
