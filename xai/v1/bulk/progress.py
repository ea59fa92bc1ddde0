"""How far bulk work has come, and who is told."""

from collections.abc import Callable
from inspect import iscoroutinefunction
from typing import Protocol

import attrs

from xai._clock import monotonic
from xai._validation import kind_of
from xai.v1.bulk.result import Result
from xai.v1.chat.usage import USD_PER_TICK


@attrs.frozen(kw_only=True)
class Progress:
    """How far bulk work has come.

    Attributes:
        done: How many items are done, failed and restored ones included.
        total: How many there are; None when nobody knows.
        errors: How many of them failed.
        restored: How many came from the checkpoint.
        running: How many are under way.
        seconds: The time since the beginning.
        tokens: How many tokens were used, prompts included.
        cost_usd: What that cost in US dollars, as far as the server says.
    """

    done: int = 0
    total: int | None = None
    errors: int = 0
    restored: int = 0
    running: int = 0
    seconds: float = 0.0
    tokens: int = 0
    cost_usd: float = 0.0

    @property
    def rate(self) -> float:
        """How many items are done in a second, without those that were restored."""
        return (self.done - self.restored) / self.seconds if self.seconds > 0.0 else 0.0

    @property
    def eta(self) -> float | None:
        """The seconds until all are done at this rate; None when nobody knows."""
        if self.total is None or not self.rate:
            return 0.0 if self.total is not None and self.done >= self.total else None
        return max(0, self.total - self.done) / self.rate


class _Tqdm(Protocol):
    """A progress bar such as those of tqdm."""

    def update(self, amount: int, /) -> object:
        """Go on by so many items."""
        ...


class _Rich(Protocol):
    """The progress of rich."""

    def add_task(self, description: str, *, total: float | None) -> object:
        """Begin with a bar."""
        ...


#: Is told the progress; or a bar of tqdm, or the progress of rich.
OnProgress = Callable[[Progress], object] | _Tqdm | _Rich


#: Is told the progress, and the result that it made; None when it made none.
_Tell = Callable[[Progress, Result[object, object] | None], None]


class Meter:
    """Counts what is done, and tells.

    Args:
        total: How many items there are; None when nobody knows.
        on_progress: Who is told.
        budget_usd: What may be spent; None for no limit.

    Raises:
        TypeError: It is nothing that can be told.
    """

    def __init__(
        self, total: int | None, on_progress: OnProgress | None, budget_usd: float | None
    ) -> None:
        self._total = total
        self._tell = _teller(on_progress, total)
        self._budget = budget_usd
        self._began = monotonic()
        self._done = self._errors = self._restored = self._tokens = self._ticks = 0
        #: The highest cost of an item so far; None until one is known.
        self._highest: int | None = None
        self._unpriced = False

    def progress(self, running: int) -> Progress:
        """Return how far the work has come."""
        return Progress(
            done=self._done,
            total=self._total,
            errors=self._errors,
            restored=self._restored,
            running=running,
            seconds=monotonic() - self._began,
            tokens=self._tokens,
            cost_usd=self._ticks * USD_PER_TICK,
        )

    @property
    def errors(self) -> int:
        """How many items failed."""
        return self._errors

    def add(self, result: Result[object, object], running: int) -> None:
        """Count a result, and tell."""
        self._done += 1
        self._errors += result.error is not None
        self._restored += result.restored
        if not result.restored:
            self._spend(result)
        if self._tell is not None:
            self._tell(self.progress(running), result)

    def tell(self, running: int) -> None:
        """Tell how far it is, while results are waited for.

        Args:
            running: How many items are under way.
        """
        if self._tell is not None:
            self._tell(self.progress(running), None)

    def _spend(self, result: Result[object, object]) -> None:
        usage = result.usage
        if usage is not None:
            self._tokens += usage.total_tokens
        ticks = None if usage is None else usage.cost_in_usd_ticks
        if ticks is not None:
            self._ticks += ticks
            self._highest = max(self._highest or 0, ticks)
        elif result.error is None:
            self._unpriced = True

    def affords(self, running: int) -> bool | None:
        """Tell whether another item may begin; None when that is known after the next result.

        Args:
            running: How many items are under way, whose costs are not known yet.

        Raises:
            ValueError: There is a budget, and the server does not say what items cost.
        """
        if self._budget is None:
            return True
        if self._unpriced:
            raise ValueError(
                "budget_usd can't be kept: nothing said what an item cost (its replies have no"
                " usage with a cost)"
            )
        if self._highest is None:
            return True if not running else None
        ahead = (running + 1) * self._highest
        if (self._ticks + ahead) * USD_PER_TICK <= self._budget:
            return True
        return None if running else False


def _teller(on_progress: object, total: int | None) -> _Tell | None:
    if on_progress is None:
        return None
    if callable(getattr(on_progress, "add_task", None)):
        return _tell_rich(on_progress, total)
    if callable(getattr(on_progress, "update", None)):
        return _tell_tqdm(on_progress)
    if not callable(on_progress) or iscoroutinefunction(on_progress):
        raise TypeError(
            "on_progress must be a plain function of the Progress, a bar of tqdm or the Progress"
            f" of rich, not {kind_of(on_progress)}"
        )
    function: Callable[[Progress], object] = on_progress

    def tell(progress: Progress, _result: Result[object, object] | None) -> None:
        function(progress)

    return tell


def _tell_tqdm(bar: object) -> _Tell:
    update: Callable[[int], object] = bar.update  # type: ignore[attr-defined]  # looked at before
    postfix = getattr(bar, "set_postfix_str", None)

    def tell(progress: Progress, result: Result[object, object] | None) -> None:
        if result is None:
            return
        if callable(postfix):
            postfix(_spent(progress), refresh=False)
        update(1)

    return tell


def _tell_rich(bars: object, total: int | None) -> _Tell:
    task = bars.add_task("items", total=total)  # type: ignore[attr-defined]  # looked at before
    update: Callable[..., object] = bars.update  # type: ignore[attr-defined]  # as add_task

    def tell(progress: Progress, result: Result[object, object] | None) -> None:
        if result is not None:
            update(task, advance=1, description=f"items ({_spent(progress)})")

    return tell


def _spent(progress: Progress) -> str:
    failed = f", {progress.errors} failed" if progress.errors else ""
    return f"{progress.tokens:,} tokens, ${progress.cost_usd:.4f}{failed}"
