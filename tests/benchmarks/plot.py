"""The ratios as a picture."""

from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.evaluation import Result
from tests.benchmarks.rows import LABELS

_MARKERS = {
    "xai_sdk": ("o", "tab:red"),
    "openai": ("s", "tab:green"),
    "grpcio": ("D", "tab:blue"),
    "grpcio_stubs": ("D", "tab:blue"),
    "openai_client": ("s", "tab:green"),
    "grpclib_plain": ("^", "tab:purple"),
    "xai_async": ("v", "tab:orange"),
    "xai_v1": ("P", "tab:brown"),
    "codec_betterproto": ("^", "tab:purple"),
    "codec_upb": ("D", "tab:blue"),
    "grpclib_bytes": ("|", "gray"),
    "bare_socket": ("x", "gray"),
    "memory_copy": ("+", "gray"),
}


def draw(results: Sequence[Result], path: Path) -> None:
    """Draw for each row how much better than each peer it is, on a logarithmic axis.

    Args:
        results: All rows.
        path: Where the SVG goes.
    """
    import matplotlib as mpl  # type: ignore[import-not-found,unused-ignore]  # benchmarks only

    mpl.use("svg")
    # The same bytes for the same numbers: no random names, and text as text.
    mpl.rcParams.update({"svg.hashsalt": "xai", "svg.fonttype": "none", "font.size": 9})
    from matplotlib import pyplot as plt  # type: ignore[import-not-found,unused-ignore]  # as above

    shown = [result for result in results if result.row.against][::-1]
    figure, axes = plt.subplots(figsize=(10, 1.2 + 0.32 * len(shown)), layout="constrained")
    labelled: set[tuple[str, str]] = set()
    for place, result in enumerate(shown):
        for entry in result.entries[1:]:
            if entry.peer not in _MARKERS:
                continue
            marker, colour = _MARKERS[entry.peer]
            axes.hlines(place, entry.ratio.low, entry.ratio.high, color=colour, alpha=0.4)
            axes.plot(
                entry.ratio.median,
                place,
                marker,
                color=colour,
                linestyle="none",
                label=None if (marker, colour) in labelled else LABELS[entry.peer],
            )
            labelled.add((marker, colour))
        if result.row.target is not None:
            axes.plot(result.row.target, place, "|", color="black", markersize=14)
    axes.axvline(1.0, color="black", linewidth=0.8)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.margins(y=0.02)
    axes.set_yticks(range(len(shown)), [result.row.title for result in shown])
    axes.set_xlabel("times better than the peer (left of the line: worse); black bars are targets")
    axes.grid(visible=True, axis="x", which="both", alpha=0.2)
    axes.legend(loc="upper center", bbox_to_anchor=(0.4, -0.06), ncols=4, frameon=False)
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
