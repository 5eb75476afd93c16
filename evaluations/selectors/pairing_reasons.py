"""Why a team can not go to a branch, in words: for the visits that nobody can make, and beside
every team one may give a visit to by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from evaluations.models import Inspection
from evaluations.pairing import load_bound
from evaluations.pairing_terms import LEAST_MEMORY, Pair, Task, Unit
from evaluations.services.certificates import pairs_of
from evaluations.services.pairing import Proposal
from evaluations.services.pairing_facts import task_for


@dataclass(frozen=True, slots=True)
class Unfilled:
    """A visit that the rules leave nobody for: the branch, and per team of another type why
    it can not come."""

    host: str
    teams: Sequence[tuple[str, str]]


def objections(
    task: Task, plan: Sequence[Pair], team: Unit, host: Unit, *, memory: int, load: int
) -> tuple[list[str], list[str]]:
    """What forbids sending ``team`` to ``host`` beside the visits of ``plan``, and what a person
    may overrule with a reason: a shorter memory, a larger load.
    ``memory``: months without a repeat; ``load``: visits that a team makes at most."""
    made = set(plan)
    said, asks = [], []
    if team.key in task.unavailable:
        said.append(_("本月派不出组"))
    elif not team.is_visited:
        said.append(_("本月不参评，不派组"))
    elif not team.sends_team:
        said.append(_("没有书记带队，派不出组"))
    if team.key == host.key:
        said.append(_("被查支部自己"))
    elif team.house == host.house:
        said.append(_("同一党总支"))
    elif team.type == host.type:
        said.append(_("同一类型"))
    if (team.key, host.key) in made:
        said.append(_("本月已安排去"))
    if (host.key, team.key) in made:
        said.append(_("互为检查方"))
    if (team.key, host.key) in task.recusals:
        said.append(_("应当回避"))
    age = task.history.get((team.key, host.key))
    if age == 1:
        said.append(_("上月查过"))
    elif age is not None and age < memory:
        asks.append(_("%(n)d 个月前查过") % {"n": age})
    count = sum(sender == team.key for sender, _host in plan)
    if count >= load and not team.fills:
        asks.append(_("已排 %(n)d 次") % {"n": count})
    return said, asks


def unfilled(found: Proposal, names: Mapping[str, str]) -> list[Unfilled]:
    """The visits that a proposal leaves open, each with what keeps every team away."""
    task = found.task
    units = {unit.key: unit for unit in task.units}
    bound = load_bound(task)

    def why(team: Unit, host: Unit) -> str:
        against = objections(task, found.plan.pairs, team, host, memory=LEAST_MEMORY, load=bound)
        return "、".join([*against[0], *against[1]])

    return [
        Unfilled(
            names.get(key, key),
            [
                (names.get(team.key, team.key), why(team, units[key]))
                for team in task.units
                if team.type != units[key].type
            ],
        )
        for key in found.plan.unfilled
    ]


def judged_teams(visit: Inspection) -> dict[int, str]:
    """Per branch, whether its team can take over ``visit``, and what speaks against it. Two
    queries."""
    plan = [
        pair
        for pair in pairs_of(visit.round)
        if pair != (str(visit.inspector_branch_id), str(visit.inspected_branch_id))
    ]
    task = task_for(visit.round, seed="")
    loads = Counter(team for team, _host in plan)
    units = {unit.key: unit for unit in task.units}
    host = units[str(visit.inspected_branch_id)]
    bound, memory = load_bound(task), task.rules.memory
    found: dict[int, str] = {}
    for team in task.units:
        hard, soft = objections(task, plan, team, host, memory=memory, load=bound)
        if hard:
            words = _("不能去，%(why)s") % {"why": "、".join([*hard, *soft])}
        elif soft:
            words = _("可以去，但%(why)s") % {"why": "、".join(soft)}
        else:
            words = _("可以去，已排 %(n)d 次") % {"n": loads[team.key]}
        found[int(team.key)] = words
    return {**found, visit.inspector_branch_id: _("现在就派的这个组")}
