"""The budget of control frames: what uses it up, and what fills it again."""

from xai.runtime.http2.budget import CONTROL_FRAMES, STREAM_FRAMES, ControlBudget


def test_so_many_frames_and_no_more() -> None:
    """The last frame of the budget is allowed, the next one is not."""
    budget = ControlBudget(100.0)
    budget.left -= CONTROL_FRAMES
    assert not budget.exhausted(100.0)
    budget.left -= 1
    assert budget.exhausted(100.0)


def test_progress_fills_it_up_to_the_start() -> None:
    """A long time of progress is not saved up for a flood."""
    budget = ControlBudget(100.0)
    budget.left += 10**9
    assert not budget.exhausted(100.0)
    budget.left -= CONTROL_FRAMES + STREAM_FRAMES
    assert budget.exhausted(100.0)


def test_frames_that_come_slowly_are_forgiven() -> None:
    """A PING each second for a year is no flood."""
    budget = ControlBudget(0.0)
    for second in range(1, 3 * CONTROL_FRAMES):
        budget.left -= 1
        assert not budget.exhausted(float(second))
