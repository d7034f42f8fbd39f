"""Acupuncture points as people write them, and the one spelling in which they are kept.

The numbered points are those of the WHO Standard Acupuncture Point Locations in the Western Pacific Region
(2008), the extra points those of the WHO Standard Acupuncture Nomenclature (1993). Schools name more, and
ears, hands and scalps have maps of their own: what is not known here is kept as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from billing.errors import Problem, Severity

LAST_POINT = {
    "LU": 11, "LI": 20, "ST": 45, "SP": 21, "HT": 9, "SI": 19, "BL": 67, "KI": 27, "PC": 9, "TE": 23, "GB": 44,
    "LR": 14, "GV": 28, "CV": 24, "EX-HN": 15, "EX-CA": 1, "EX-B": 9, "EX-UE": 11, "EX-LE": 12,
}  # fmt: skip
"""Each channel, or region of extra points, with the number of its last point."""
_OTHER_NAMES = {
    "P": "PC", "SJ": "TE", "TW": "TE", "TB": "TE", "LV": "LR", "LIV": "LR", "DU": "GV", "REN": "CV", "RN": "CV",
    "UB": "BL", "K": "KI", "KID": "KI", "H": "HT", "HE": "HT",
}  # fmt: skip
"""How else the channels are called."""
_NAMED = {
    "ASHI": "Ashi", "YINTANG": "EX-HN3", "SISHENCONG": "EX-HN1", "YUYAO": "EX-HN4", "TAIYANG": "EX-HN5",
    "BAILAO": "EX-HN15", "ZIGONG": "EX-CA1", "DINGCHUAN": "EX-B1", "HUATUOJIAJI": "EX-B2", "HUATUO": "EX-B2",
    "JIAJI": "EX-B2", "YAOYAN": "EX-B7", "SHIQIZHUI": "EX-B8", "YAOTONGDIAN": "EX-UE7", "WAILAOGONG": "EX-UE8",
    "LUOZHEN": "EX-UE8", "BAXIE": "EX-UE9", "SIFENG": "EX-UE10", "SHIXUAN": "EX-UE11", "HEDING": "EX-LE2",
    "NEIXIYAN": "EX-LE4", "XIYAN": "EX-LE5", "DANNANG": "EX-LE6", "LANWEI": "EX-LE7", "BAFENG": "EX-LE10",
}  # fmt: skip
"""Points that are called by their name more often than by a number."""
_SIDES = {"L": "L", "LEFT": "L", "R": "R", "RIGHT": "R", "B": "", "BIL": "", "BILAT": "", "BILATERAL": ""}
"""Both sides is what is meant when nothing is said."""
AVOIDED_IN_PREGNANCY = frozenset({"LI4", "SP6", "BL60", "BL67", "GB21"})
"""Points that are traditionally not needled in pregnancy (WHO Guidelines on Basic Training and Safety, 1999)."""

_MOST_DIGITS = 2
_BETWEEN = re.compile(r"[,;/\n]+")
_POINT = re.compile(
    r"\s*(?:(?P<channel>EX-?(?:HN|CA|B|UE|LE)|[A-Z]{1,3})[ .-]?(?P<number>\d{1,2})|(?P<name>[A-Z]{3,}))"
    r"(?:\s*\(\s*(?P<inside>[A-Z]+)\s*\)|\s+(?P<side>LEFT|RIGHT|BILATERAL|BILAT|BIL|L|R|B)(?!\s*\d)"
    r"|(?P<close>[LR])(?![A-Z0-9]))?(?=\s|$)",
    re.IGNORECASE | re.ASCII,
)
_LIKE_A_POINT = re.compile(r"\s*[A-Z-]+\d+\S*(?=\s|$)", re.IGNORECASE | re.ASCII)


def points_of(text: str) -> tuple[str, ...]:
    """The points in what was typed, such as ``LI4, st 36 (L) Du-20``, in order and each once.

    Commas always separate; blanks do between points. What is not known is kept as it was written.
    """
    found = (point for piece in _BETWEEN.split(text) for point in _of_piece(" ".join(piece.split())))
    return tuple(dict.fromkeys(found))


def unknown_points(points: Iterable[str]) -> list[str]:
    """Those of the points, as they are kept, that are on none of the lists."""
    return [point for point in points if not _is_known(point.removesuffix(" L").removesuffix(" R"))]


def point_problems(points: Iterable[str], flags: Iterable[str], where: str) -> list[Problem]:
    """What should be known about these points: none of it stops anything."""
    points = list(dict.fromkeys(points))
    problems = []
    if unknown := unknown_points(points):
        problems.append(
            Problem(
                "points.unknown",
                Severity.INFO,
                f"Not on the list of points: {', '.join(unknown)}. They are kept as they were written.",
                "Correct them if they are typing errors.",
                where,
            )
        )
    avoided = [one for one in points if one.removesuffix(" L").removesuffix(" R") in AVOIDED_IN_PREGNANCY]
    if avoided and "pregnant" in flags:
        problems.append(
            Problem(
                "safety.point_in_pregnancy",
                Severity.WARN,
                f"The patient is pregnant, and {', '.join(avoided)} is charted.",
                "Confirm that it was weighed, or correct the chart.",
                where,
            )
        )
    return problems


def _of_piece(piece: str) -> list[str]:
    found: list[str] = []
    position = 0
    while position < len(piece):
        match = _POINT.match(piece, position)
        point = _kept(match) if match else None
        if match is None or point is None:
            match, point = _LIKE_A_POINT.match(piece, position), None
        end = match.end() if match else len(piece)
        found.append(point or " ".join(piece[position:end].split()))
        position = end
    return found


def _kept(match: re.Match[str]) -> str | None:
    """The point in its one spelling; ``None`` when it is not known."""
    said = (match["inside"] or match["side"] or match["close"] or "").upper()
    if said and said not in _SIDES:
        return None
    side = _SIDES.get(said, "")
    if match["name"]:
        point = _NAMED.get(match["name"].upper(), "")
    else:
        written = match["channel"].upper()
        channel = f"EX-{written.removeprefix('EX').removeprefix('-')}" if written.startswith("EX") else written
        point = f"{_OTHER_NAMES.get(channel, channel)}{int(match['number'])}"
    return f"{point} {side}".strip() if _is_known(point) else None


def _is_known(point: str) -> bool:
    channel = point.rstrip("0123456789")
    number = point[len(channel) :]
    if not number:
        return point in _NAMED.values()
    return len(number) <= _MOST_DIGITS and 1 <= int(number) <= LAST_POINT.get(channel, 0)
