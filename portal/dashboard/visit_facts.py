"""What visits say about a branch's rubric items, told to the inspector as proposals.

The rubric asks "每位挂点负责人每月至少到挂点1次，有问题有转办" and "支委每月走访重点客户不少于1户".
Whoever keeps the visits stands on the same floor as the rubric, so it is plugged in from here.
Like every proposal (ADR 73) a fact never scores by itself, and before the month is over what is
missing is only worth knowing.
"""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, F, OuterRef
from django.utils.translation import gettext as _

from branches.models import Appointment, Membership
from branches.rosters import in_force
from evaluations.item_facts import ItemFact, register_item_facts
from feedback.models import (
    LinkAssignment,
    PlaceKind,
    QuestionGroup,
    StaffVisit,
    VisitAnswer,
    VisitRequest,
)
from portal.kernel.months import Month

SHOWN = 3


def plug_in() -> None:
    """Called once by ``DashboardConfig.ready``."""
    register_item_facts("hooked_visits", ("挂点",), hooked_visits)
    register_item_facts("customer_visits", ("客户走访", "走访重点客户"), customer_visits)


def hooked_visits(branch_id: int, month: Month, today: dt.date) -> list[ItemFact]:
    """三挂三联挂点联系: the hooks of the branch's members, whether they were kept, and what was
    found there and handed on to nobody. Two queries."""
    until = min(month.last_day, today)
    members = Membership.objects.filter(in_force(until), branch=branch_id).values("person_id")
    hooks = list(
        LinkAssignment.objects.filter(leader__in=members)
        .in_force(until)
        .hooked()
        .with_made(month.first_day, until)
        .select_related("leader", "branch", "place")
        .order_by("leader_id", "pk")
    )
    if not hooks:
        return []
    missing = [hook for hook in hooks if not hook.made]
    facts = []
    if missing:
        who = "、".join(f"{hook.leader.name}挂{hook.target}" for hook in missing[:SHOWN])
        values = {"month": month.label, "n": len(missing), "who": who}
        if len(missing) > SHOWN:
            values["who"] = _("%(who)s等") % {"who": who}
        words = _("%(month)s有 %(n)d 处挂点没有走访记录：%(who)s。") % values
        facts.append(ItemFact(words, ("少到",) if today > month.last_day else (), len(missing)))
    else:
        made = sum(hook.made for hook in hooks)
        facts.append(
            ItemFact(
                _("%(month)s挂点 %(n)d 处都到过，共 %(made)d 次。")
                % {"month": month.label, "n": len(hooks), "made": made}
            )
        )
    return facts + _not_handed_on(hooks, month, until)


def _not_handed_on(hooks: list[LinkAssignment], month: Month, until: dt.date) -> list[ItemFact]:
    """Visits of these leaders that found something and brought no request back. What is private
    (the two concerns, a visit to somebody's home) is told to nobody here."""
    found = VisitAnswer.objects.filter(visit=OuterRef("pk"), is_finding=True)
    visits = list(
        StaffVisit.objects.filter(
            Exists(found.exclude(question__group=QuestionGroup.CONCERN)),
            ~Exists(VisitRequest.objects.filter(visit=OuterRef("pk"))),
            led_by__in={hook.leader_id for hook in hooks},
            place__isnull=False,
            visited_on__range=(month.first_day, until),
        )
        .select_related("place")
        .order_by("visited_on", "pk")
    )
    if not visits:
        return []
    where = "、".join(str(visit) for visit in visits[:SHOWN])
    words = _("%(n)d 次走访发现问题没有转成诉求：%(where)s。") % {"n": len(visits), "where": where}
    return [ItemFact(words, ("未转办",), len(visits))]


def customer_visits(branch_id: int, month: Month, today: dt.date) -> list[ItemFact]:
    """市场开拓与客户走访: how often the branch's committee went to key enterprises. One query."""
    until = min(month.last_day, today)
    committee = (
        Appointment.objects.filter(in_force(until), branch=branch_id)
        .exclude(post="group_leader")
        .values("person_id")
    )
    names = list(
        StaffVisit.objects.filter(
            led_by__in=committee,
            place__kind=PlaceKind.ENTERPRISE,
            visited_on__range=(month.first_day, until),
        )
        .order_by("visited_on", "pk")
        .values_list(F("place__name"), flat=True)
    )
    if names:
        different = list(dict.fromkeys(names))
        words = _("%(month)s支委走访重点客户 %(n)d 次，%(places)d 户：%(where)s。")
        values = {
            "month": month.label,
            "n": len(names),
            "places": len(different),
            "where": "、".join(different[:SHOWN]),
        }
        return [ItemFact(words % values)]
    words = _("%(month)s支委没有走访重点客户的记录。") % {"month": month.label}
    return [ItemFact(words, ("少走访",) if today > month.last_day else ())]
