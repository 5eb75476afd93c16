"""The parts of the 135 board: bars, facts and the three mechanisms, each leading to its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from evaluations.models import MonthRound
from portal.kernel.marks import one_decimal
from portal.kernel.months import Month
from portal.kernel.ui import Status
from servicecrew.counting import Figures
from servicecrew.models import ServiceKind

BANDS = ("好", "较好", "一般", "差")


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of a whole. ``width`` in per cent; ``tone`` picks the colour, the word says it."""

    label: Any
    number: int
    width: str
    tone: str = ""
    url: str = ""
    x: str = "0"


@dataclass(frozen=True, slots=True)
class Fact:
    label: Any
    value: Any
    url: str = ""
    status: Status | None = None


@dataclass(frozen=True, slots=True)
class Mechanism:
    name: Any
    who: Any
    title: Any
    bars: Sequence[Bar]
    facts: Sequence[Fact]
    nothing: Any = ""
    url: str = ""


def kind_bars(
    kinds: dict[Any, Figures],
    url: str,
    committee: dict[str, str],
    first: Month | None,
    last: Month | None,
) -> list[Bar]:
    most = max((figures.turnouts for figures in kinds.values()), default=0)
    bounds = {k: str(v) for k, v in (("first", first), ("last", last)) if v is not None}
    return [
        Bar(
            label,
            kinds.get(value, Figures()).turnouts,
            f"{kinds.get(value, Figures()).turnouts * 100 / most:.1f}" if most else "0",
            url=f"{url}?{urlencode({**committee, **bounds, 'kind': value})}",
        )
        for value, label in ServiceKind.choices
    ]


def crew_facts(
    figures: Figures, scalars: dict[str, int], url: str, committee: dict[str, str]
) -> list[Fact]:
    repairs = f"{url}?{urlencode({**committee, 'kind': 'repair'})}"
    satisfied = (
        f"{round(figures.satisfied * 1000 / figures.asked) / 10:.1f}%" if figures.asked else "—"
    )
    return [
        Fact(
            _("到场达标"),
            _("%(n)d / %(all)d 次") % {"n": figures.in_time, "all": figures.timed},
            repairs,
        ),
        Fact(_("客户满意"), satisfied, f"{url}?{urlencode(committee)}"),
        Fact(
            _("锦旗、来信"),
            _("%(n)d 件") % {"n": scalars.get("notes", 0)},
            reverse("servicecrew:crews"),
        ),
    ]


def _parts(parts: Sequence[tuple[Any, int, str, str]]) -> list[Bar]:
    whole = sum(number for _label, number, _tone, _url in parts)
    found: list[Bar] = []
    at = 0.0
    for label, number, tone, url in parts:
        width = number * 100 / whole if whole else 0.0
        found.append(Bar(label, number, f"{max(0.0, width - 0.4):.2f}", tone, url, f"{at:.2f}"))
        at += width
    return found


def secretaries_mechanism(
    round_: MonthRound | None, entries: Sequence[Any], scalars: dict[str, int], meeting: str
) -> Mechanism:
    url = reverse("evaluations:ranking", args=[round_.pk]) if round_ else ""
    counted = {band: sum(1 for b, _t, _k in entries if b == band) for band in BANDS}
    notices = scalars.get("notices", 0)
    return Mechanism(
        name=_("书记党建责任落实"),
        who=_("对象：%(n)d 位书记") % {"n": scalars.get("branches", 0)},
        title=_("%(month)s考评等次") % {"month": round_.label} if round_ else "",
        bars=_parts(
            [
                (band, counted[band], tone, url)
                for band, tone in zip(BANDS, ("good", "fair", "plain", "bad"), strict=True)
            ]
        ),
        facts=[
            Fact(
                _("例会点评"),
                _("%(n)d / %(all)d 位")
                % {
                    "n": scalars.get("commented", 0),
                    "all": len([e for e in entries if e[1] is not None]),
                },
                meeting or url,
            ),
            Fact(
                _("在办通知书"),
                notices,
                reverse("evaluations:notice-list"),
                Status("soon", str(notices)) if notices else None,
            ),
            Fact(
                _("月度通报"),
                round_.label if round_ else "—",
                reverse("evaluations:bulletin", args=[round_.pk]) if round_ else "",
            ),
        ],
        nothing=_("还没有发布过月度考评"),
        url=url,
    )


def branches_mechanism(
    round_: MonthRound | None,
    entries: Sequence[Any],
    scalars: dict[str, int],
    *,
    is_overseen: bool,
) -> Mechanism:
    """The month's findings by the tabs of their ledger: each figure leads to as many rows, of
    that month and committee. ``is_overseen``: the reader sees the committee's ledger."""
    struck, reported = scalars.get("struck", 0), scalars.get("reported", 0)
    to_fix, late = scalars.get("to_fix", 0), scalars.get("overdue", 0)
    whole = struck + reported + to_fix

    def rows(status: str) -> str:
        if round_ is None or not whole or not is_overseen:
            return ""
        asked = {
            "status": status,
            "committee": str(round_.committee_id),
            "month": str(round_.period),
        }
        return f"{reverse('evaluations:finding-list')}?{urlencode(asked)}"

    struck_bar, reported_bar, fixing_bar, late_bar = _parts(
        [
            (_("已销号"), struck, "good", rows("closed")),
            (_("待回头看"), reported, "fair", rows("reported")),
            (_("待整改"), to_fix - late, "doing", rows("fixing")),
            (_("其中逾期"), late, "bad", rows("overdue")),
        ]
    )
    production = [
        total for _b, total, kind in entries if kind == "production" and total is not None
    ]
    mean = one_decimal(sum(production) / len(production)) if production else "—"
    return Mechanism(
        name=_("党支部战斗堡垒作用激发"),
        who=_("对象：%(n)d 个组织，%(ranked)d 个参评")
        % {
            "n": scalars.get("branches", 0),
            "ranked": len([e for e in entries if e[1] is not None]),
        },
        title=_("%(month)s互查问题 %(n)d 个") % {"month": round_.label, "n": whole}
        if round_
        else "",
        # What is overdue is still to be fixed: a part of that figure, drawn apart.
        bars=[struck_bar, reported_bar, replace(fixing_bar, number=to_fix), late_bar],
        facts=[
            Fact(
                _("互查"),
                _("%(n)d / %(all)d 次")
                % {"n": scalars.get("visits_done", 0), "all": scalars.get("visits", 0)},
                reverse("evaluations:round", args=[round_.pk]) if round_ else "",
            ),
            Fact(
                _("生产型平均"),
                _("%(mean)s 分") % {"mean": mean},
                reverse("evaluations:ranking", args=[round_.pk]) if round_ else "",
            ),
            Fact(
                _("销号率"),
                f"{round(struck * 1000 / whole) / 10:.1f}%" if whole else "—",
                rows("all"),
            ),
        ],
        nothing=_("还没有发布过月度互查"),
    )


def members_mechanism(scalars: dict[str, int], label: str) -> Mechanism:
    members, out = scalars.get("members", 0), scalars.get("been_out", 0)

    def n(kind: str) -> int:
        return scalars.get(f"pioneer_{kind}", 0)

    posts = reverse("servicecrew:programme", args=["pioneer"])
    return Mechanism(
        name=_("党员先锋模范作用引导"),
        who=_("对象：%(n)d 名党员，不给个人排名") % {"n": members},
        title=_("%(period)s参加过出队") % {"period": label},
        bars=_parts(
            [
                (_("参加过"), out, "dark", reverse("servicecrew:figures")),
                (_("还没有"), members - out, "rest", ""),
            ]
        ),
        facts=[
            Fact(
                _("示范岗、责任区"),
                _("%(posts)d 个、%(areas)d 个") % {"posts": n("model_post"), "areas": n("area")},
                f"{posts}?post=model_post#posts",
            ),
            Fact(
                _("突击队在岗"),
                _("%(n)d 支") % {"n": n("commando")},
                f"{posts}?post=commando#posts",
            ),
            Fact(
                _("揭榜攻坚"),
                _("%(n)d 项，结题 %(done)d 项")
                % {"n": n("project"), "done": scalars.get("projects_done", 0)},
                f"{posts}?post=project#posts",
            ),
        ],
        nothing=_("还没有党员名册"),
    )
