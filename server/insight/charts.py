"""Charts as SVG: bars and columns, drawn from numbers and words that the caller has. Pure; knows no capability.

Each names and describes itself to screen readers, and stands beside a table with the same numbers; its colours are
classes of the style sheet, so that it follows light and dark.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup, escape

_WIDTH: Final = 300
"""About the width at which charts are shown on a phone, so that their words are as large as others there."""
_ROW: Final = 40
_BAR: Final = 12
_HEIGHT: Final = 140
_FOOT: Final = 22
_HEAD: Final = 18


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar or column.

    Attributes:
        label: what it stands for.
        value: how long it is; not below nothing.
        shown: the value in words.
    """

    label: str
    value: int
    shown: str


def bars(name: str, title: str, description: str, rows: Sequence[Bar]) -> Markup:
    """Give a chart of lying bars, each below its label.

    Args:
        name: of the chart, unique in its page: letters, digits, `-`.
        title: what it shows.
        description: the same in a sentence.
        rows: from above.
    """
    most = max((row.value for row in rows), default=0) or 1
    drawn = [
        Markup(
            '<text class="chart-label" x="0" y="{y}">{label}</text>'
            '<text class="chart-value" x="{end}" y="{y}" text-anchor="end">{shown}</text>'
            '<rect class="chart-track" x="0" y="{top}" width="{end}" height="{bar}" rx="6"/>'
            '<rect class="chart-bar" x="0" y="{top}" width="{width}" height="{bar}" rx="6"/>'
        ).format(
            y=place * _ROW + 14,
            top=place * _ROW + 20,
            end=_WIDTH,
            bar=_BAR,
            label=row.label,
            shown=row.shown,
            width=max(3, round(_WIDTH * row.value / most)) if row.value else 0,
        )
        for place, row in enumerate(rows)
    ]
    return _chart(name, title, description, len(rows) * _ROW, drawn)


def columns(name: str, title: str, description: str, rows: Sequence[Bar]) -> Markup:
    """Give a chart of standing columns, the first and last of which have their labels below; see `bars`."""
    most = max((row.value for row in rows), default=0) or 1
    width = _WIDTH / max(1, len(rows))
    gap = min(4.0, width / 4)
    drawn = [
        Markup('<text class="chart-value" x="0" y="12">{most}</text>').format(most=most),
        Markup('<rect class="chart-line" x="0" y="{y}" width="{end}" height="1"/>').format(
            end=_WIDTH, y=_HEAD + _HEIGHT
        ),
    ]
    for place, row in enumerate(rows):
        height = max(2, round(_HEIGHT * row.value / most)) if row.value else 0
        drawn.append(
            Markup(
                '<rect class="chart-bar" x="{x}" y="{y}" width="{width}" height="{height}" rx="2">'
                "<title>{label}: {shown}</title></rect>"
            ).format(
                x=round(place * width + gap / 2, 2),
                y=_HEAD + _HEIGHT - height,
                width=round(width - gap, 2),
                height=height,
                label=row.label,
                shown=row.shown,
            )
        )
    ends = ((0, "start", rows[0]), (_WIDTH, "end", rows[-1])) if len(rows) > 1 else ()
    drawn += [
        Markup('<text class="chart-label" x="{x}" y="{y}" text-anchor="{anchor}">{label}</text>').format(
            x=x, y=_HEAD + _HEIGHT + _FOOT - 6, anchor=anchor, label=row.label
        )
        for x, anchor, row in ends
    ]
    return _chart(name, title, description, _HEAD + _HEIGHT + _FOOT, drawn)


def _chart(name: str, title: str, description: str, height: int, drawn: Sequence[Markup]) -> Markup:
    head = Markup(
        '<svg class="chart" viewBox="0 0 {width} {height}" role="img" aria-labelledby="{name}-t"'
        ' aria-describedby="{name}-d">'
        '<title id="{name}-t">{title}</title><desc id="{name}-d">{description}</desc>'
    ).format(width=_WIDTH, height=max(1, height), name=escape(name), title=title, description=description)
    return head + Markup("").join(drawn) + Markup("</svg>")
