"""The one thing an officer has to do next for a round, and what doing it now leaves out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from evaluations.lifecycles import RoundStatus
from evaluations.models import Inspection, MonthRound, RoundParticipant, TeamAbsence
from evaluations.selectors.round_matrix import DONE
from evaluations.services.rounds import gaps_in_words
from portal.kernel.words import zh_date

SHOWN_SKIPPED = 6


@dataclass(frozen=True, slots=True)
class NextStep:
    """The one thing to do now. ``action`` names the form the template shows; ``skipped`` and
    ``warning`` say before the press what it leaves undone, ``changes`` what it will change, a
    sentence each."""

    title: str
    body: str
    action: str
    label: str
    url: str
    needs_reason: bool = False
    after: str = ""
    other_label: str = ""
    other_url: str = ""
    reason_label: str = ""
    changes: Sequence[str] = ()
    skipped: Sequence[str] = ()
    warning: str = ""

    @property
    def shown_skipped(self) -> Sequence[str]:
        return self.skipped[:SHOWN_SKIPPED]

    @property
    def more_skipped(self) -> Sequence[str]:
        return self.skipped[SHOWN_SKIPPED:]


def is_held(counts: Mapping[str, int]) -> bool:
    """Whether the meeting has heard every branch."""
    return 0 < counts["to_comment"] == counts["commented"]


def skipped_of(
    participants: Sequence[RoundParticipant], visits: Mapping[int, Sequence[Inspection]]
) -> list[str]:
    """What closing or publishing now would leave out, as ``what_is_missing`` says it, from what
    the page has read."""
    waiting = []
    for participant in participants:
        for visit in visits.get(participant.pk, ()):
            if visit.status not in DONE:
                visit.participant = participant
                waiting.append(visit)
    unvisited = [p for p in participants if not p.is_exempt and not visits.get(p.pk)]
    return gaps_in_words(waiting, unvisited)


def correction_step(
    round_: MonthRound, runs: Iterable[Any], changes: Sequence[str]
) -> NextStep | None:
    """What a correction of the published month asks for: publish it again, then sign the paper."""
    if not round_.is_published:
        return None
    if changes:
        return NextStep(
            _("更正并重新发布"),
            _("通报以后更正了 %(n)d 条扣分，还没有计入得分和名次。上一次发布的内容原样留存。")
            % {"n": len(changes)},
            "step",
            _("更正并重新发布"),
            reverse("evaluations:round-republish", args=[round_.pk]),
            needs_reason=True,
            reason_label=_("更正的原因，印在修订后的通报上"),
            changes=changes,
        )
    for run in runs:
        if run.revision > 1 and not run.is_signed:
            return NextStep(
                _("签发更正后的通报"),
                _("第 %(n)d 次发布已经更正了分数。修订后的通报另行签发编号，原来的留在文件库。")
                % {"n": run.revision},
                "link",
                _("去签发"),
                reverse("evaluations:bulletin", args=[round_.pk]),
            )
    return None


def next_step(
    round_: MonthRound,
    today: dt.date,
    visits: Sequence[Inspection],
    counts: dict[str, int],
    holes: int,
    absences: Sequence[TeamAbsence],
    skipped: Sequence[str],
) -> NextStep:
    def url(name: str) -> str:
        return reverse(f"evaluations:{name}", args=[round_.pk])

    is_running = round_.status in {RoundStatus.OPEN, RoundStatus.INSPECTING}
    if holes and visits and absences and is_running:
        return NextStep(
            _("给 %(n)d 次检查改派检查组") % {"n": holes},
            "".join(f"{a.branch.name}：{a.reason.rstrip('。')}。" for a in absences)
            + _("补派只补空出的检查，其余 %(rest)d 次不变，种子号与校验结果可查。")
            % {"rest": len(visits)},
            "link",
            _("看改派方案"),
            url("round-pairing"),
            after=_("下一步在 %(day)s 24:00：锁定记录") % {"day": zh_date(round_.records_due_on)},
            other_label=_("手工指定"),
            other_url=url("round-teams"),
        )
    if round_.status == RoundStatus.OPEN:
        if not visits:
            return NextStep(
                _("抽签决定这个月谁查谁"),
                _("每个参评支部 %(n)d 个组去，组来自不同类型的支部。按规定 %(day)d 日抽签。")
                % {"n": round_.policy.visits_per_branch, "day": round_.policy.draw_day},
                "link",
                _("去抽签"),
                url("round-pairing"),
                after=_("%(day)s自动进入互查") % {"day": zh_date(round_.window_starts_on)},
            )
        return NextStep(
            _("开始交叉互查"),
            _("已安排 %(n)d 次检查。到 %(day)s会自动开始，也可以现在开始。")
            % {"n": len(visits), "day": zh_date(round_.window_starts_on)},
            "step",
            _("现在开始互查"),
            url("round-start-inspection"),
            needs_reason=today < round_.window_starts_on,
        )
    if round_.status == RoundStatus.INSPECTING:
        left = [v for v in visits if v.status not in DONE]
        title = (
            _("还有 %(n)d 张评分表没有提交") % {"n": len(left)}
            if left
            else _("评分表都已提交，可以公示初评")
        )
        body = (
            _("没有提交的评分表不计入初评。到 %(day)s 24:00 自动结束互查。")
            if left
            else _("到 %(day)s 24:00 自动结束互查，也可以现在结束。")
        ) % {"day": zh_date(round_.window_ends_on)}
        return NextStep(
            title,
            body,
            "step",
            _("结束互查、公示初评"),
            url("round-close-inspection"),
            needs_reason=today <= round_.window_ends_on,
            after=_("下一步是支部申诉，到 %(day)s 24:00") % {"day": zh_date(round_.appeals_end_on)},
            skipped=skipped,
        )
    if round_.status == RoundStatus.PROVISIONAL:
        if counts["appeals_filed"]:
            return NextStep(
                _("复核 %(n)d 件申诉") % {"n": counts["appeals_filed"]},
                _("申诉没有复核完，不能手工发布通报。"),
                "link",
                _("去复核"),
                reverse("evaluations:appeal-list"),
                after=_("申诉到 %(day)s 24:00 截止") % {"day": zh_date(round_.appeals_end_on)},
            )
        if counts["appeals_revisit"]:
            return NextStep(
                _("等重查提交评分表"),
                _("%(n)d 件申诉已另派组重查，提交后代替原表，才能发布通报。")
                % {"n": counts["appeals_revisit"]},
                "link",
                _("看申诉"),
                reverse("evaluations:appeal-list"),
                after=_("到 %(day)s该发布通报") % {"day": zh_date(round_.publish_on)},
            )
        return NextStep(
            _("发布排名和通报"),
            _("发布后评分表和名次冻结，重点工作不落实的支部自动起草整改通知书，由您核稿。"),
            "publish",
            _("发布通报"),
            url("round-publish"),
            needs_reason=today < round_.publish_on,
            after=_("到 %(day)s自动发布") % {"day": zh_date(round_.publish_on)},
            skipped=skipped,
            warning=_(
                "申诉期到%(day)s24:00。现在发布，支部在这之前仍可申诉；申诉成立的，"
                "要更正后再发布一次。"
            )
            % {"day": zh_date(round_.appeals_end_on)}
            if today <= round_.appeals_end_on
            else "",
        )
    if counts["notices_unchecked"]:
        return NextStep(
            _("核稿 %(n)d 份整改通知书") % {"n": counts["notices_unchecked"]},
            _("系统按重点工作规则起草，事实和规则都在里面，核对后送签。"),
            "link",
            _("去核稿"),
            reverse("evaluations:notice-list") + "?status=draft",
        )
    if counts["notices_unsigned"]:
        return NextStep(
            _("签发 %(n)d 份整改通知书") % {"n": counts["notices_unsigned"]},
            _("已经核稿，签发后编号并送达支部。"),
            "link",
            _("去签发"),
            reverse("evaluations:notice-list") + "?status=checked",
        )
    if counts["notices_review"]:
        return NextStep(
            _("审核 %(n)d 份整改情况") % {"n": counts["notices_review"]},
            _("支部已经报来整改情况，认可或退回。"),
            "link",
            _("去审核"),
            reverse("evaluations:notice-list") + "?status=responded",
        )
    return _after_publication(round_, today, counts)


def _after_publication(round_: MonthRound, today: dt.date, counts: Mapping[str, int]) -> NextStep:
    """Nothing is left of the notices: the meeting is to come, is late, or was held."""
    words = {
        "day": zh_date(round_.meeting_on),
        "n": counts["commented"],
        "all": counts["to_comment"],
    }
    bulletin = reverse("evaluations:bulletin", args=[round_.pk])
    meeting = reverse("evaluations:meeting", args=[round_.pk])
    if is_held(counts):
        return NextStep(
            _("这个月都办完了"),
            _("例会已开，%(n)d 个支部都已点评。") % words,
            "link",
            _("看通报"),
            bulletin,
            other_label=_("看例会"),
            other_url=meeting,
        )
    if today > round_.meeting_on:
        return NextStep(
            _("例会还没有点评完"),
            _("例会定在 %(day)s，已经过了；已点评 %(n)d / %(all)d。") % words,
            "link",
            _("去例会"),
            meeting,
            other_label=_("看通报"),
            other_url=bulletin,
        )
    return NextStep(
        _("这个月已经办完通报"),
        _("例会在 %(day)s。") % words,
        "link",
        _("看通报"),
        bulletin,
    )
