"""The draw of a month as people read it: seed, what gave way, what the checker says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from branches.access import access_of
from branches.models import Branch, BranchType
from evaluations import pairing_terms
from evaluations.models import (
    Inspection,
    MonthRound,
    PairingChange,
    PairingDraw,
    Recusal,
    TeamAbsence,
)
from evaluations.pairing_check import Fault, check
from evaluations.selectors.pairing_reasons import Unfilled, unfilled
from evaluations.services.certificates import arranged, named_fault
from evaluations.services.pairing import Proposal, proposal
from evaluations.services.pairing_facts import recusals_in
from portal.accounts.models import User
from portal.kernel import ui


@dataclass(frozen=True, slots=True)
class Gave:
    """One rule that gave way: which, and how far."""

    label: str
    words: str


@dataclass(frozen=True, slots=True)
class Host:
    """One branch and the teams that come to it. ``missing``: visits nobody makes yet."""

    name: str
    type_label: str
    visits: Sequence[Inspection]
    missing: int


@dataclass(frozen=True, slots=True)
class PairingBoard:
    """Everything the pairing page draws. ``draw`` is None before the first draw; ``branches``
    are all of the round, those that nobody visits too."""

    round: MonthRound
    draw: PairingDraw | None
    hosts: Sequence[Host]
    gave: Sequence[Gave]
    faults: Sequence[str]
    loads: tuple[int, int]
    branches: Sequence[Branch]
    absences: Sequence[TeamAbsence]
    recusals: Sequence[Recusal]
    events: Sequence[ui.Event]
    proposal: Proposal | None
    proposed: Sequence[tuple[str, str]]
    unfilled: Sequence[Unfilled]
    would_give: Sequence[Gave]

    @property
    def visits(self) -> int:
        return sum(len(host.visits) for host in self.hosts)

    @property
    def missing(self) -> int:
        return sum(host.missing for host in self.hosts)

    @property
    def beyond_rules(self) -> int:
        """Holes for which the rules leave no team."""
        return self.missing - len(self.proposed)

    @property
    def by_hand(self) -> int:
        """Visits that stood before the draw."""
        return len(self.draw.certificate["inputs"]["fixed"]) if self.draw else 0


def may_see_pairing(user: User, round_: MonthRound) -> bool:
    """Who visits whom and why may be read by those who oversee the committee and by everybody
    who holds a post in a branch of it."""
    access = access_of(user)
    if round_.committee_id in access.overseen_committees:
        return True
    return round_.committee_id in access.home_committees and bool(access.post_branches)


def pairing_board(round_: MonthRound) -> PairingBoard:
    """The board of ``round_``. The number of queries does not grow with the branches."""
    absences = round_.absences.select_related("branch")
    recusals = recusals_in(round_).filter(inspected__committee_id=round_.committee_id)
    recusals = recusals.select_related("inspector", "inspected")
    standing = arranged(round_, absences, recusals)
    draw, certificate = standing.draw, standing.certificate
    visits: dict[int, list[Inspection]] = {}
    for visit in standing.visits:
        visits.setdefault(visit.participant_id, []).append(visit)
    loads = Counter(visit.inspector_branch_id for visit in standing.visits)
    wanted = round_.policy.visits_per_branch
    order = {value: n for n, value in enumerate(BranchType.values)}
    hosts = [
        Host(
            p.branch.name,
            str(BranchType(p.branch_type).label),
            visits.get(p.pk, []),
            max(0, wanted - len(visits.get(p.pk, []))) if draw else 0,
        )
        for p in sorted(standing.participants, key=lambda p: order[p.branch_type])
        if not p.is_exempt
    ]
    names: Mapping[str, str] = certificate["names"] if certificate else {}
    found = proposal(standing)
    return PairingBoard(
        round=round_,
        draw=draw,
        hosts=hosts,
        gave=[gave_way(r) for r in certificate["relaxations"]] if certificate else [],
        faults=[named_fault(f, names) for f in _of_plan(check(certificate))] if certificate else [],
        loads=(min(loads.values()), max(loads.values())) if loads else (0, 0),
        branches=[p.branch for p in standing.participants],
        absences=list(absences),
        recusals=list(recusals),
        events=_events(draw, standing.changes, names),
        proposal=found,
        proposed=[(names.get(a, a), names.get(b, b)) for a, b in found.added] if found else [],
        unfilled=unfilled(found, names) if found else [],
        would_give=[gave_way({"step": r.step, "value": r.value}) for r in found.relaxed]
        if found
        else [],
    )


def _of_plan(faults: Sequence[Fault]) -> list[Fault]:
    """A missing visit is told by the page itself, with what to do about it."""
    return [fault for fault in faults if fault.rule != "visits"]


def gave_way(relaxation: Mapping[str, Any]) -> Gave:
    """A relaxation in words."""
    step, value = relaxation["step"], relaxation["value"]
    words = {
        pairing_terms.MEMORY: (_("不重复的月数"), _("缩短到 %(n)s 个月")),
        pairing_terms.SAME_COUNTY: (_("同区县"), _("允许跨区县")),
        pairing_terms.LOAD: (_("每组次数"), _("最多 %(n)s 次：有一类支部占多数，其他类的组要多去")),
        pairing_terms.FILL: (_("党群部补位"), _("党群部所在支部的组多去")),
        pairing_terms.SAME_TYPE: (_("同类型"), _("允许外区县同类型的组")),
        pairing_terms.MUTUAL: (_("互为检查方"), _("允许")),
        pairing_terms.FEWER: (_("检查次数"), _("占多数的一类每支部减为 %(n)s 次")),
    }
    label, text = words[step]
    return Gave(label, text % {"n": value} if "%(n)s" in text else text)


def _events(
    draw: PairingDraw | None, changes: Sequence[PairingChange], names: Mapping[str, str]
) -> list[ui.Event]:
    if draw is None:
        return []
    events = [
        ui.Event(
            when=draw.drawn_at,
            text=_("第 %(n)d 次抽签") % {"n": draw.number},
            who=str(draw.drawn_by) if draw.drawn_by else _("系统"),
            note=draw.reason,
            state="done",
        )
    ]

    def said(visits: Sequence[Mapping[str, str]]) -> str:
        return "；".join(
            f"{names.get(v['team'], v['team'])}→{names.get(v['branch'], v['branch'])}"
            for v in visits
        )

    for change in changes:
        lines = [change.reason]
        if change.removed:
            lines.append(_("空出：%(visits)s") % {"visits": said(change.removed)})
        is_new = change.kind == PairingChange.Kind.BY_HAND and not change.removed
        if is_new:
            lines.append(_("增加：%(visits)s") % {"visits": said(change.added)})
        elif change.added:
            lines.append(_("改为：%(visits)s") % {"visits": said(change.added)})
        if change.faults:
            lines.append(_("校验提示：%(faults)s") % {"faults": "；".join(change.faults)})
        events.append(
            ui.Event(
                when=change.at,
                text=_("手工增加检查") if is_new else change.get_kind_display(),
                who=str(change.actor) if change.actor else _("系统"),
                note="。".join(line.rstrip("。") for line in lines) + "。",
            )
        )
    return events[::-1]
