"""A score with its why: every deduction down to the fact, the rule and the inspector's role."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext as _

from branches.access import access_of
from branches.models import Tier
from evaluations.lifecycles import RoundStatus
from evaluations.models import (
    BonusEntry,
    Deduction,
    Inspection,
    MonthRound,
    NotDuePolicy,
    RankingEntry,
    RankingRun,
    RoundParticipant,
    ScoreAppeal,
    TeamMember,
    VetoEvent,
)
from evaluations.permissions import may_act_for_committee, may_appeal
from evaluations.ranking import key_failures, months_before, sheet_scores
from evaluations.selectors.deadlines import appeal_standing
from evaluations.selectors.fair import correction_sentence
from evaluations.selectors.lift import Lift, lift
from evaluations.selectors.revisions import awaits_republication, put_in_force
from evaluations.selectors.standings import Group, Line
from evaluations.selectors.terms import Terms, terms_of
from evaluations.services.sheet_state import rubric_content
from portal.accounts.models import User
from portal.kernel import ui
from portal.kernel.marks import HUNDREDTH, one_decimal
from portal.kernel.months import local_date
from portal.kernel.together import read_together
from portal.kernel.words import plain, signed

TENTH = Decimal("0.1")
CONTESTABLE = {RoundStatus.PROVISIONAL, RoundStatus.PUBLISHED}  # published early: until the day


@dataclass(frozen=True, slots=True)
class SectionShare:
    """How much of a section's marks a branch kept, mean of its sheets."""

    code: str
    name: str
    full: Decimal
    marks: Decimal

    @property
    def percent(self) -> Decimal:
        return (self.marks * 100 / self.full).quantize(TENTH, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Why:
    """Everything behind one branch's score of one month."""

    participant: RoundParticipant
    line: Line
    group: Group
    score: ui.Score
    vetoes: Sequence[VetoEvent]
    sections: Sequence[SectionShare]
    inspections: Sequence[Inspection]
    has_subs: bool
    own_share: int
    members: int  # of a general branch: those of its branches
    lift: Lift | None = None


def why(
    *,
    round_: MonthRound,
    group: Group,
    line: Line,
    user: User,
    now: dt.datetime,
    short: int | None = None,
    beside: Sequence[QuerySet[Any, Any]] = (),
) -> Why:
    """The score of ``line`` explained. ``short`` limits the rows to the biggest deductions.

    Two queries, whatever the branch; ``beside`` is read in the first.
    """
    participants = RoundParticipant.objects.filter(
        round=round_, branch_id=line.standing.branch_id
    ).select_related("branch", "rubric_version", "secretary")
    visits = (
        Inspection.objects.filter(participant__in=participants)
        .done()
        .select_related("team__branch", "round")
        .order_by("team__number")
    )
    taken = (
        Deduction.objects.filter(inspection__in=visits)
        .select_related("item", "rule", "inspection")
        .order_by("item__sort_order", "rule__number", "inspection__team__number")
    )
    filed = ScoreAppeal.objects.filter(deduction__in=taken).order_by("filed_at")
    bonuses = BonusEntry.objects.filter(participant__in=participants).select_related("rule")
    vetoes = VetoEvent.objects.filter(participant__in=participants).select_related("rule", "item")
    before = months_before(round_)
    # The teams the user sat in: what they took, others put right.
    seats = TeamMember.objects.filter(
        team__round=round_, person_id=access_of(user).person_id or 0
    ).values_list("team_id", flat=True)
    below = RoundParticipant.objects.filter(
        round=round_, branch__parent_id=line.standing.branch_id, is_exempt=False
    ).values_list("member_count", flat=True)
    read_together(
        *(participants, visits, taken, filed, bonuses, vetoes, before, seats, below, *beside)
    )
    (participant,) = participants
    inspections, deductions = list(visits), list(taken)
    appeals = {appeal.deduction_id: appeal for appeal in filed}
    run = line.standing.run if isinstance(line.standing, RankingEntry) else None
    written = put_in_force(deductions, filed, run)
    if written and run is not None:  # the sheets stay as they were handed in
        marks = sheet_scores(round_, participant.pk, run.published_at)
        for visit in inspections:
            visit.score = marks.get(visit.pk, visit.score)
    corrects = round_.is_published and may_act_for_committee(user, participant.branch)
    correctable = {i.pk for i in inspections if corrects and i.team_id not in set(seats)}
    by_rule: dict[int, list[Deduction]] = defaultdict(list)
    for deduction in deductions:
        by_rule[deduction.rule_id].append(deduction)
    rows = [
        _row(found, inspections, appeals, written, run, correctable, round_, user, now)
        for found in by_rule.values()
    ]
    rows.sort(key=lambda r: min((p for p in r.points if p is not None), default=Decimal(0)))
    shown, rest = (rows[:short], rows[short:]) if short else (rows, [])
    standing = line.standing
    fair = line.fair
    labels = {i.inspector_branch_id: i.team.label for i in inspections}
    sentence, key_ok = (
        _key_sentence(round_, participant, before, run) if inspections else ("", True)
    )
    own = _own_mean(line, inspections, is_corrected=bool(written))
    terms = terms_of(standing, own, round_.policy.own_share_percent)
    score = ui.Score(
        value=standing.total,
        rank_line=_rank_line(line),
        range_line=_range_line(line, group),
        teams=[ui.Team(i.team.label, i.score) for i in inspections],
        error=fair.error if fair else None,
        raw_mean=own if len(inspections) > 1 else None,
        terms=_terms(line, terms),
        words=_words(participant, inspections, line, round_)
        + (correction_sentence(fair.score, labels) if fair else "")
        + _correction_of_all(terms),
        deductions=shown,
        hidden=len(rest),
        hidden_points=_sums(rest, len(inspections)),
        bonus=[
            ui.Deduction(
                code=b.rule.code,
                name=b.rule.text,
                brief=b.fact,
                points=[b.points for _visit in inspections] or [b.points],
            )
            for b in bonuses
        ],
        totals_label=_("各组评分表得分") if len(inspections) > 1 else _("评分表得分"),
        totals=[i.score for i in inspections if i.score is not None],
        key_sentence=sentence,
        key_ok=key_ok,
    )
    return Why(
        participant=participant,
        line=line,
        group=group,
        score=score,
        vetoes=list(vetoes),
        sections=_sections(participant, inspections, deductions),
        inspections=inspections,
        has_subs=participant.tier == Tier.GENERAL_BRANCH,
        own_share=round_.policy.own_share_percent,
        members=participant.member_count or sum(below),
        lift=lift(
            line,
            group,
            _lost(deductions, inspections, participant),
            share=Decimal(round_.policy.own_share_percent) / 100
            if participant.tier == Tier.GENERAL_BRANCH
            else Decimal(1),
        ),
    )


def _own_mean(
    line: Line, inspections: Sequence[Inspection], *, is_corrected: bool
) -> Decimal | None:
    """The mean of the branch's own sheets; that of a general branch is only a part of its base.

    The engine that corrects for severity learns from the sheets as they were handed in, so a
    month that was put right is reckoned from what is shown here.
    """
    if line.fair and not is_corrected:
        return Decimal(line.fair.score.raw)
    if line.standing.tier != Tier.GENERAL_BRANCH and not is_corrected:
        return line.standing.base
    scores = [i.score for i in inspections if i.score is not None]
    if not scores:
        return None
    mean = sum(scores, Decimal(0)) / len(scores)
    return mean.quantize(HUNDREDTH, rounding=ROUND_HALF_UP)


def _terms(line: Line, terms: Terms | None) -> list[ui.Term]:
    """From the mean of the teams to the total; what does not count says so."""
    found = [*terms.halves, *terms.added] if terms else []
    if line.would_change is not None:
        found.append(ui.Term(_("校正（不计入）"), signed(line.would_change)))
    return found


def _correction_of_all(terms: Terms | None) -> str:
    """What the correction comes to where the branches below count as well."""
    if terms is None or terms.correction is None or not terms.halves:
        return ""
    return _("以上是本级评分表；连同所属支部，校正 %(n)s 分。") % {"n": signed(terms.correction)}


def _lost(
    deductions: Sequence[Deduction],
    inspections: Sequence[Inspection],
    participant: RoundParticipant,
) -> dict[tuple[str, str], Decimal]:
    """Marks lost per item, mean over the teams; no sheet loses more than the item has. Where
    items that are not due scale the rest up, a mark weighs as much more."""
    sheets: dict[int, dict[tuple[str, str], Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    full: dict[tuple[str, str], Decimal] = {}
    for deduction in deductions:
        key = (deduction.item.code, deduction.item.name)
        full[key] = deduction.item.full_marks
        sheets[deduction.inspection_id][key] += deduction.points
    is_scaled = participant.rubric_version.not_due_policy == NotDuePolicy.SCALE
    found: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for visit in inspections:
        capped = {key: min(lost, full[key]) for key, lost in sheets[visit.pk].items()}
        total = sum(capped.values(), Decimal(0))
        weight = Decimal(1)
        if is_scaled and total and visit.score is not None:
            weight = (100 - visit.score) / total
        for key, lost in capped.items():
            found[key] += lost * weight / len(inspections)
    return dict(found)


def _row(
    found: Sequence[Deduction],
    inspections: Sequence[Inspection],
    appeals: Mapping[int, ScoreAppeal],
    written: Mapping[int, tuple[Decimal, str]],
    run: RankingRun | None,
    correctable: Collection[int],
    round_: MonthRound,
    user: User,
    now: dt.datetime,
) -> ui.Deduction:
    """One rule as the teams applied it: points per team, each team's fact, the rule in words,
    and the appeal that is open to the reader."""
    visits = {i.pk: i for i in inspections}
    first = found[0]
    rule, item = first.rule, first.item
    points = {visits[d.inspection_id].team_id: -d.points for d in found}

    def team(deduction: Deduction) -> str:
        return visits[deduction.inspection_id].team.label

    taken = (
        _("扣满分")
        if rule.takes_all
        else _("%(unit)s扣 %(points)s") % {"unit": rule.unit, "points": plain(rule.points)}
    )
    counts = "，".join(_("%(team)s计 %(n)d 次") % {"team": team(d), "n": d.count} for d in found)
    facts = list(dict.fromkeys(d.fact for d in found))
    fact = (
        facts[0]
        if len(facts) == 1
        else format_html_join("", "<p>{}：{}</p>", ((team(d), d.fact) for d in found))
    )
    filed = [appeals[d.pk] for d in found if d.pk in appeals]
    status: ui.Status | None = None
    url, note = "", ""
    if filed:
        latest = filed[-1]
        status = appeal_standing(latest)
        if run and awaits_republication(latest, run.published_at):
            status = ui.Status("soon", _("%(state)s，待重新发布") % {"state": status.text})
        note = latest.decision
    put_right = []
    for d in found:
        if d.pk in written:
            words = _("%(team)s原扣%(before)s，更正后%(after)s（%(reason)s）") % {
                "team": team(d) if len(found) > 1 else "",
                "before": one_decimal(written[d.pk][0]),
                "after": one_decimal(d.points),
                "reason": written[d.pk][1],
            }
            put_right.append(words)
    if put_right:
        note = "；".join(put_right)
    open_to_appeal = [d for d in found if d.pk not in appeals and may_appeal(user, d)]
    in_time = local_date(now) <= round_.appeals_end_on
    if round_.status in CONTESTABLE and open_to_appeal and in_time:
        url = reverse("evaluations:appeal-create", args=[open_to_appeal[0].pk])
        note = note or _("%(month)d月%(day)d日 24:00 截止") % {
            "month": round_.appeals_end_on.month,
            "day": round_.appeals_end_on.day,
        }
    return ui.Deduction(
        code=item.code,
        name=item.name,
        is_key=item.is_key_work,
        points=[points.get(i.team_id) for i in inspections],
        brief="；".join((rule.text, *put_right)),
        fact=fact,
        rule=_("%(text)s，%(taken)s；%(counts)s；本项满分 %(full)s。")
        % {"text": rule.text, "taken": taken, "counts": counts, "full": plain(item.full_marks)},
        evidence=item.evidence,
        inspector="；".join(
            _("%(team)s（%(branch)s派出）")
            % {"team": team(d), "branch": visits[d.inspection_id].team.branch.name}
            for d in found
        ),
        appeal_url=url,
        appeal_note=note,
        appeal_status=status,
        correct_urls=[
            (
                _("更正这条扣分")
                if len(found) == 1
                else _("更正%(team)s的扣分") % {"team": team(d)},
                reverse("evaluations:deduction-correct", args=[d.pk]),
            )
            for d in found
            if d.inspection_id in correctable
        ],
    )


def _sums(rows: Sequence[ui.Deduction], teams: int) -> list[Decimal]:
    return [sum((r.points[n] or Decimal(0) for r in rows), Decimal(0)) for n in range(teams)]


def _rank_line(line: Line) -> str:
    row = line.standing
    if row.rank is None:
        return line.unranked_label
    if line.fair and line.fair.band:
        return _("第 %(rank)d 名，第 %(band)d 档") % {"rank": row.rank, "band": line.fair.band}
    return _("第 %(rank)d 名，%(band)s") % {"rank": row.rank, "band": row.band}


def _range_line(line: Line, group: Group) -> str:
    if line.standing.rank is None:
        return group.label
    fair = line.fair
    if fair and fair.low and fair.high:
        if fair.low == fair.high:
            return _("误差内名次不变，评为%(band)s") % {"band": line.standing.band}
        return _("可能在第 %(low)d–%(high)d 名，评为%(band)s") % {
            "low": fair.low,
            "high": fair.high,
            "band": line.standing.band,
        }
    return _("%(group)s %(n)d 个") % {"group": group.label, "n": len(group.ranked)}


def _words(
    participant: RoundParticipant,
    inspections: Sequence[Inspection],
    line: Line,
    round_: MonthRound,
) -> str:
    row = line.standing
    if not inspections and row.base is None:
        return _("本月没有提交的评分表。")
    said = []
    if participant.tier == Tier.GENERAL_BRANCH and row.base is not None:
        said.append(
            _("党总支得分：本级占 %(own)d%%，所属支部平均占 %(subs)d%%。")
            % {
                "own": round_.policy.own_share_percent,
                "subs": 100 - round_.policy.own_share_percent,
            }
        )
    if row.bonus:
        said.append(
            _("基本分 %(base)s，加分 %(bonus)s。")
            % {"base": one_decimal(row.base), "bonus": one_decimal(row.bonus)}
        )
    if row.cap is not None:
        said.append(_("有否决事项，总分最高 %(cap)s。") % {"cap": one_decimal(row.cap)})
    return "".join(said)


def _key_sentence(
    round_: MonthRound,
    participant: RoundParticipant,
    before: Iterable[int],
    run: RankingRun | None,
) -> tuple[str, bool]:
    found = key_failures(round_, before, run.published_at if run else None)
    failed = [f for f in found if f.participant_id == participant.pk]
    if not failed:
        return (
            _("重点工作各项均不低于 %(n)d%%，不提出整改通知书。")
            % {"n": round_.policy.key_fail_percent},
            True,
        )
    return _("%(n)d 项重点工作不落实，提出整改通知书。") % {"n": len(failed)}, False


def _sections(
    participant: RoundParticipant,
    inspections: Sequence[Inspection],
    deductions: Sequence[Deduction],
) -> list[SectionShare]:
    """Marks kept per section: per sheet and item capped at full marks, then the mean."""
    if not inspections:
        return []
    taken: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for deduction in deductions:
        taken[deduction.inspection_id, deduction.item_id] += deduction.points
    shares: dict[str, tuple[str, Decimal, Decimal]] = {}
    for item in rubric_content(participant.rubric_version):
        lost = sum(
            (min(item.full_marks, taken[i.pk, item.pk]) for i in inspections), Decimal(0)
        ) / len(inspections)
        name, full, kept = shares.get(
            item.section.code, (item.section.name, Decimal(0), Decimal(0))
        )
        shares[item.section.code] = (name, full + item.full_marks, kept + item.full_marks - lost)
    return [SectionShare(code, name, full, kept) for code, (name, full, kept) in shares.items()]


def published_lines(branch_id: int, until: MonthRound) -> QuerySet[RankingEntry]:
    """The branch's lines of all published months up to ``until``, the newest first."""
    return (
        RankingEntry.objects.filter(branch_id=branch_id, run__round__month__lte=until.month)
        .select_related("run__round")
        .order_by("-run__round__month", "-run__revision")
    )


def trend(entries: Iterable[RankingEntry], months: int = 12) -> ui.Chart | None:
    """Published totals of the last ``months`` months; None below two. ``entries``: those of
    :func:`published_lines`."""
    newest: dict[dt.date, RankingEntry] = {}
    for entry in entries:
        newest.setdefault(entry.run.round.month, entry)
    chosen = sorted(newest.items())[-months:]
    points = [(month, entry.total) for month, entry in chosen if entry.total is not None]
    if len(points) < 2:
        return None
    return ui.Chart(
        kind="trend",
        title=_("近 12 个月总分"),
        unit=_("分"),
        source=_("已通报的月度排名"),
        labels=[f"{m.year}年{m.month}月" for m, _total in points],
        series=[ui.Series(_("总分"), [float(total) for _m, total in points], is_own=True)],
    )


def radar(sections: Sequence[SectionShare]) -> ui.Chart | None:
    """Marks kept per section in per cent; None without sheets."""
    if len(sections) < 3:
        return None
    return ui.Chart(
        kind="radar",
        title=_("各类得分率"),
        unit="%",
        source=_("本月评分表，各组平均"),
        labels=[s.name for s in sections],
        series=[ui.Series(_("得分率"), [float(s.percent) for s in sections], is_own=True)],
        maxima=[100.0 for _s in sections],
    )
