"""Pages of the standing: ranking by type, a score with its why."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import View

from branches.access import access_of
from evaluations.models import MonthRound
from evaluations.permissions import may_run_round
from evaluations.selectors.fair import own_severity, reliability_sentence, severity_rows
from evaluations.selectors.revisions import revision_rows, revisions_from, revisions_of
from evaluations.selectors.standings import (
    Standing,
    bands_of,
    may_see_standing,
    may_see_why,
    standing_of,
)
from evaluations.selectors.why import published_lines, radar, trend, why
from portal.accounts.requests import signed_in
from portal.documents.excel import Column, Kind, Sheet, xlsx_response
from portal.kernel import ui


class StandingView(View):
    """What the pages of one month's standing share. Who may not see it gets a 404."""

    def rounds(self) -> list[MonthRound]:
        user = signed_in(self.request)
        return [
            r
            for r in MonthRound.objects.visible_to(user)
            .select_related("committee", "policy")
            .with_runs()
            .order_by("-month", "committee__sort_order", "committee_id")
            if may_see_standing(user, r)
        ]

    def find(self, pk: int) -> tuple[MonthRound, list[MonthRound]]:
        rounds = self.rounds()
        for round_ in rounds:
            if round_.pk == pk:
                return round_, rounds
        raise Http404


class RankingIndex(StandingView):
    """分类排名: the newest month the user may see."""

    def get(self, request: HttpRequest) -> HttpResponse:
        rounds = self.rounds()
        home = access_of(request.user).home_committees
        scored = [r for r in rounds if r.status in ("provisional", "published")]
        for round_ in sorted(scored, key=lambda r: r.committee_id not in home):
            return redirect("evaluations:ranking", pk=round_.pk)
        return render(request, "evaluations/rankings/none.html", {})


class RankingPage(StandingView):
    """分类排名 of one month, one type at a time, with the why of one branch beside it."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = signed_in(request)
        round_, rounds = self.find(pk)
        standing = standing_of(round_, user)
        group = standing.group(request.GET.get("group"))
        chosen = self._chosen(standing, request)
        explained = None
        if chosen is not None:
            group, line = chosen
            explained = why(
                round_=round_, group=group, line=line, user=user, now=timezone.now(), short=8
            )
        if group is not None:
            group = group.linked(
                {
                    line.standing.branch_id: (
                        f"?group={group.key}&branch={line.standing.branch_id}#why"
                    )
                    for line in group.lines
                    if may_see_why(user, round_, line.standing.branch_id)
                }
            )
        chosen_branch = explained.participant.branch_id if explained else None
        severities, severities_note = severity_rows(round_, standing.fairness, user, chosen_branch)
        context = {
            "round": round_,
            "standing": standing,
            "group": group,
            "has_links": group is not None and any(line.url for line in group.lines),
            "bands": bands_of(group, chosen_branch, fairness=standing.fairness) if group else [],
            "sees_all": round_.committee_id in access_of(user).overseen_committees,
            "may_see_own_severity": bool(access_of(user).post_branches),
            "severities": severities,
            "severities_note": severities_note,
            "reliability": reliability_sentence(
                standing.fairness.reliability.get(group.key) if group else None
            ),
            "tabs": [
                ui.Tab(
                    g.label,
                    f"?group={g.key}",
                    count=len(g.ranked),
                    is_current=group is not None and g.key == group.key,
                )
                for g in standing.groups
            ],
            "why": explained,
            "revisions": revisions_of(round_) if standing.revision > 1 else [],
            "full_why_url": reverse("evaluations:score", args=[pk, explained.participant.branch_id])
            if explained
            else "",
            "as_table": request.GET.get("view") == "table",
            "months": [r for r in rounds if r.committee_id == round_.committee_id],
            "committees": _committees(rounds, round_),
            "previous_label": _("%(n)d月") % {"n": round_.period.plus(-1).number},
            "may_run": may_run_round(user, round_),
        }
        return render(request, "evaluations/rankings/ranking.html", context)

    def _chosen(self, standing: Standing, request: HttpRequest) -> Any:
        text = request.GET.get("branch", "")
        if not (text.isascii() and text.isdigit() and len(text) < 18):
            return None
        user = signed_in(request)
        if not may_see_why(user, standing.round, int(text)):
            return None
        return standing.line_of(int(text))


def _committees(rounds: list[MonthRound], current: MonthRound) -> list[ui.Tab]:
    """Tabs of the committees the user may see, each leading to the same or its newest month."""
    by_committee: dict[int, MonthRound] = {}
    for round_ in rounds:
        best = by_committee.get(round_.committee_id)
        if best is None or (best.month != current.month and round_.month == current.month):
            by_committee[round_.committee_id] = round_
    if len(by_committee) < 2:
        return []
    return [
        ui.Tab(
            r.committee.name,
            reverse("evaluations:ranking", args=[r.pk]),
            is_current=r.committee_id == current.committee_id,
        )
        for r in sorted(
            by_committee.values(), key=lambda r: (r.committee.sort_order, r.committee_id)
        )
    ]


class ScorePage(StandingView):
    """一个支部一个月的得分和原因: every deduction, section by section, and the year's trend."""

    def get(self, request: HttpRequest, pk: int, branch_pk: int) -> HttpResponse:
        user = signed_in(request)
        round_, _rounds = self.find(pk)
        if not may_see_why(user, round_, branch_pk):
            raise Http404
        standing = standing_of(round_, user)
        found = standing.line_of(branch_pk)
        if found is None:
            raise Http404
        group, line = found
        months = published_lines(branch_pk, round_)
        changes = revision_rows(round_) if standing.revision > 1 else ()
        explained = why(
            round_=round_,
            group=group,
            line=line,
            user=user,
            now=timezone.now(),
            beside=[months, *changes],
        )
        context = {
            "round": round_,
            "standing": standing,
            "why": explained,
            "trend": trend(months),
            "radar": radar(explained.sections),
            "corrections": [
                (revision, revision.by_branch.get(branch_pk, ""))
                for revision in (revisions_from(changes) if changes else ())
            ],
            "may_run": may_run_round(user, round_),
        }
        return render(request, "evaluations/rankings/score.html", context)


class OwnSeverityPage(View):
    """我的宽严: how an inspector's own team marks, with its trend; nobody else's."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(
            request,
            "evaluations/rankings/severity.html",
            {"teams": own_severity(signed_in(request))},
        )


class RankingExport(StandingView):
    """The tables of one month as Excel: exactly what the page shows, all groups."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        round_, _rounds = self.find(pk)
        standing = standing_of(round_, signed_in(request))
        columns = (
            Column(_("名次"), Kind.INTEGER),
            Column(_("党支部"), width=24),
            Column(_("书记"), width=12),
            Column(_("检查次数"), Kind.INTEGER),
            Column(_("基本分"), Kind.MARKS),
            Column(_("校正"), Kind.MARKS),
            Column(_("加分"), Kind.MARKS),
            Column(_("总分"), Kind.MARKS),
            Column(_("误差"), Kind.MARKS),
            Column(_("可能最前"), Kind.INTEGER),
            Column(_("可能最后"), Kind.INTEGER),
            Column(_("档"), Kind.INTEGER),
            Column(_("等次")),
            Column(_("上月总分"), Kind.MARKS),
            Column(_("说明"), width=24),
        )
        sheets = [
            Sheet(
                name=group.label,
                title=f"{round_.label} {group.label}",
                columns=columns,
                rows=[
                    (
                        line.standing.rank,
                        line.branch_name,
                        line.note,
                        line.standing.visits,
                        line.standing.base,
                        line.terms.correction if line.terms else None,
                        line.standing.bonus,
                        line.standing.total,
                        line.fair.error if line.fair else None,
                        line.fair.low if line.fair else None,
                        line.fair.high if line.fair else None,
                        line.fair.band if line.fair else None,
                        line.standing.band,
                        line.standing.previous_total,
                        line.unranked_label,
                    )
                    for line in group.lines
                ],
            )
            for group in standing.groups
        ]
        return xlsx_response(f"{round_.label}分类排名.xlsx", sheets)
