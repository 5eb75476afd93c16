"""Notices as papers: the letter, the red-headed 通知, the branch's answer, the talk record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from branches.models import Branch
from evaluations.lifecycles import NoticeStatus
from evaluations.models import IssuedPaper, NoticeProblem, RectificationNotice
from evaluations.selectors.notices import Letter, letter_of, visits_behind
from portal.attachments.models import Attachment as KeptFile
from portal.attachments.owners import owner_type_of
from portal.documents.official import (
    Attachment,
    Block,
    Column,
    Entry,
    Form,
    Imprint,
    Layout,
    Paper,
    Paragraph,
    Signature,
    Table,
    Verification,
    day_words,
    digest_of,
    restored,
)
from portal.documents.official.qr import SHOWN_DIGITS
from portal.kernel.marks import one_decimal
from portal.kernel.months import local_date

NOTICE_CODE_SUFFIX = "整"
LAYOUTS = (Layout.LETTER, Layout.RED_HEAD)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the public page says about a code. ``matches`` is None when nothing was asked."""

    paper: IssuedPaper
    number: str
    issued_on: str
    addressee: str
    digest: str
    is_untouched: bool
    is_void: bool
    matches: bool | None

    @property
    def is_true(self) -> bool:
        return self.is_untouched and self.matches is not False


def notice_paper(notice: RectificationNotice, layout: Layout) -> Paper:
    """As it was signed; a draft as it would read now."""
    kept = IssuedPaper.objects.filter(notice=notice).first()
    if kept is None or kept.cleared_at is not None:
        return draw_notice(notice, layout)
    return kept_paper(kept, layout)


def kept_paper(kept: IssuedPaper, layout: Layout | None = None) -> Paper:
    """As it was signed; ``layout`` None takes the first it was kept in."""
    name = str(layout) if layout else next(iter(kept.words))
    paper = restored(kept.words[name], verification_of(kept))
    if kept.is_void:
        return replace(paper, note=_("本件已作废，编号不再使用"), verification=None)
    return paper


def verification_of(kept: IssuedPaper) -> Verification:
    address = reverse("evaluations:verify", args=[kept.code])
    asked = urlencode({"digest": kept.digest[:SHOWN_DIGITS]})
    return Verification(f"{settings.PORTAL_BASE_URL.rstrip('/')}{address}?{asked}", kept.digest)


def verdict_of(code: str, given: str) -> Verdict | None:
    """Whether the paper with ``code`` is true; ``given`` are the digits printed on it, or ""."""
    kept = IssuedPaper.objects.filter(code=code.upper()).first()
    if kept is None:
        return None
    digits = "".join(given.split()).lower()
    words = next(iter(kept.words.values()), {"addressees": ()})
    return Verdict(
        paper=kept,
        number=kept.document_number,
        issued_on=day_words(local_date(kept.kept_at)),
        addressee="、".join(words["addressees"]),
        digest=kept.digest,
        is_untouched=kept.cleared_at is not None or digest_of(kept.words) == kept.digest,
        is_void=kept.is_void,
        matches=(len(digits) >= SHOWN_DIGITS and kept.digest.startswith(digits))
        if digits
        else None,
    )


def draw_notice(notice: RectificationNotice, layout: Layout) -> Paper:
    """The paper from the notice's rows. Raises nothing for a draft: number and date are blank."""
    problems = list(notice.problems.select_related("item"))
    letter = letter_of(notice, problems, visits_behind(notice), None)
    committee = notice.branch.committee
    signed_on = local_date(notice.issued_at) if notice.issued_at else None
    year = notice.year or notice.run.round.period.year
    red = layout is Layout.RED_HEAD
    return Paper(
        layout=layout,
        mark=_("%(sender)s文件") % {"sender": letter.sender} if red else letter.sender,
        number=notice.document_number or f"{notice_code(notice.branch)}〔{year}〕　号",
        title=(_("关于"), str(notice.branch), _("限期整改"), _("有关问题的"), _("通知"))
        if red
        else (_("整改通知书"),),
        addressees=(str(notice.branch),),
        blocks=_body(notice, letter),
        attachments=(_problem_list(letter), _answer_sheet(problems)),
        signature=Signature(letter.sender, signed_on),
        imprint=Imprint(
            copies_to=_copies(notice.branch),
            printer=f"{committee.name}{letter.department}",
            printed_on=signed_on,
        )
        if red
        else None,  # the internal form goes to its branch and to nobody else
        duplex=red,
    )


def notice_code(branch: Branch) -> str:
    """泉电党整: the committee's code and the letter of its notices."""
    return f"{branch.committee.issuer_code}{NOTICE_CODE_SUFFIX}"


def _copies(branch: Branch) -> tuple[str, ...]:
    above = branch.parent
    return (_("党委委员"), *((str(above),) if above else ()))


def _body(notice: RectificationNotice, letter: Letter) -> tuple[Block, ...]:
    policy = notice.run.round.policy
    clauses = [
        Paragraph(
            lead=f"{clause.numeral}、{_item(clause.problem)}。",
            level=1,
            text=f"{_sentence(clause.facts)}{clause.rule}",
        )
        for clause in letter.problems
    ]
    if letter.due:
        deadline = _("请你支部于%(day)s前完成整改，") % {"day": letter.due}
    else:
        deadline = _("请你支部于签发后%(days)d个工作日内完成整改，") % {
            "days": policy.notice_workdays
        }
    report = _(
        "逐项明确原因、措施、责任人和完成时间，举一反三，防止以形式应付，并以附件2报%(department)s。"
    ) % {"department": letter.department}
    look_back = (
        _("%(department)s将于%(day)s前组织回头看。")
        % {"department": letter.department, "day": letter.look_back}
        if letter.look_back
        else ""
    )
    end = _("逾期未改或回头看不合格的，按考评细则扣分并约谈支部书记。")
    return (Paragraph(letter.opening), *clauses, Paragraph(deadline + report + look_back + end))


def _item(problem: NoticeProblem) -> str:
    return _("%(name)s（考评项%(code)s）") % {
        "name": problem.item.name,
        "code": _code(problem),
    }


def _code(problem: NoticeProblem) -> str:
    """B4★: the star marks key work."""
    return f"{problem.item.code}{'★' if problem.item.is_key_work else ''}"


def _sentence(text: str) -> str:
    """Facts as one run of sentences that ends with a full stop."""
    joined = "；".join(line.strip() for line in text.splitlines() if line.strip())
    return joined if joined.endswith(("。", "！", "？")) else f"{joined}。"


def _problem_list(letter: Letter) -> Attachment:
    return Attachment(
        title=(_("问题清单"),),
        blocks=(
            Table(
                columns=(
                    Column(_("序号"), 0.75),
                    Column(_("考评项"), 1.6, "left"),
                    Column(_("事实"), 3.4, "left"),
                    Column(_("考评要求"), 2.6, "left"),
                    Column(_("得分/满分"), 1.35),
                ),
                rows=tuple(
                    (
                        str(clause.problem.number),
                        f"{_code(clause.problem)} {clause.problem.item.name}",
                        clause.facts,
                        clause.problem.item.standard,
                        f"{one_decimal(clause.problem.marks)}/"
                        f"{one_decimal(clause.problem.full_marks)}",
                    )
                    for clause in letter.problems
                ),
            ),
        ),
    )


@dataclass(frozen=True, slots=True)
class _LookBack:
    """What the committee found: said on the sheet when the notice is closed."""

    verdict: str = ""
    who: str = ""
    day: str = ""


def _answer_sheet(
    problems: Sequence[NoticeProblem],
    filled: bool = False,
    files: Mapping[int, int] | None = None,
    found: _LookBack | None = None,
) -> Attachment:
    """整改情况反馈单: empty beside the notice and with room to write; filled once the branch has
    answered, and with the look-back's words once that is over. ``files``: how many per problem."""
    found = found or _LookBack()
    rows = tuple(
        (
            str(problem.number),
            f"{problem.item.code} {problem.item.name}",
            *(
                (
                    problem.cause,
                    problem.measure,
                    problem.responsible,
                    day_words(problem.done_on) if problem.done_on else "",
                    problem.result,
                )
                if filled
                else ("",) * 5
            ),
            _("%(count)d份") % {"count": files[problem.pk]}
            if files and problem.pk in files
            else "",
            found.verdict,
            found.who,
        )
        for problem in problems
    )
    return Attachment(
        title=(_("整改情况"), _("反馈单")),
        landscape=True,
        blocks=(
            Table(
                columns=(
                    Column(_("序号"), 0.6),
                    Column(_("问题"), 1.5, "left"),
                    Column(_("原因"), 1.5, "left"),
                    Column(_("整改措施"), 1.9, "left"),
                    Column(_("责任人"), 0.9),
                    Column(_("完成时间"), 1.8),
                    Column(_("完成情况"), 1.6, "left"),
                    Column(_("佐证"), 0.8),
                    Column(_("回头看结论"), 1),
                    Column(_("核验人"), 0.9),
                ),
                rows=rows,
                row_lines=1 if filled else 4 if len(rows) <= 4 else 3,
            ),
            Form(
                (
                    (Entry(_("支部书记")), Entry(_("组织委员"))),
                    (Entry(_("核验单位")), Entry(_("核验日期"), found.day)),
                )
            ),
        ),
    )


def answer_paper(notice: RectificationNotice) -> Paper:
    """整改情况反馈单 by itself, with what the branch has reported."""
    problems = list(notice.problems.select_related("item"))
    told = notice.status in {NoticeStatus.RESPONDED, NoticeStatus.ACCEPTED}
    sheet = (
        _answer_sheet(problems, told, *_looked_back(notice, problems))
        if told
        else (_answer_sheet(problems))
    )
    return Paper(
        layout=Layout.PLAIN,
        title=sheet.title,
        number=_about(notice),
        blocks=sheet.blocks,
        landscape=True,
    )


def _looked_back(
    notice: RectificationNotice, problems: Sequence[NoticeProblem]
) -> tuple[Mapping[int, int], _LookBack]:
    """How many files stand beside each problem, and who found it put right, and when."""
    rows = KeptFile.objects.filter(
        owner_type=owner_type_of(NoticeProblem()), owner_id__in=[str(p.pk) for p in problems]
    ).values_list("owner_id", flat=True)
    files = Counter(int(pk) for pk in rows)
    accepted = notice.events.filter(step="accept").select_related("actor").last()
    if notice.status != NoticeStatus.ACCEPTED or accepted is None:
        return files, _LookBack()
    who = str(accepted.actor) if accepted.actor else ""
    return files, _LookBack(_("合格"), who, day_words(local_date(accepted.at)))


def talk_paper(notice: RectificationNotice) -> Paper:
    """约谈记录: who is talked to and why stand on it; the rest is written by hand."""
    problems = list(notice.problems.select_related("item"))
    listed = "；".join(f"{problem.number}. {_item(problem)}" for problem in problems)
    return Paper(
        layout=Layout.PLAIN,
        title=(_("约谈"), _("记录")),
        number=_about(notice),
        blocks=(
            Form(
                (
                    (Entry(_("约谈时间")), Entry(_("约谈地点"))),
                    (Entry(_("约谈人")), Entry(_("记录人"))),
                    (Entry(_("约谈对象"), _("%(branch)s书记") % {"branch": notice.branch}),),
                    (Entry(_("约谈事由"), _reason(notice), 2),),
                    (Entry(_("涉及问题"), listed, 3),),
                    (Entry(_("约谈内容"), "", 8),),
                    (Entry(_("表态"), "", 5),),
                    (Entry(_("整改承诺"), "", 3),),
                    (Entry(_("对象签字")), Entry(_("约谈人签字"))),
                )
            ),
        ),
    )


def _about(notice: RectificationNotice) -> str:
    number = notice.document_number or _("（通知书未签发）")
    return f"{number}　{notice.branch}"


def _reason(notice: RectificationNotice) -> str:
    number = {"number": notice.document_number or _("整改通知书")}
    if notice.status == NoticeStatus.RETURNED:
        return _("%(number)s所列问题经回头看没有改到位，退回再改。") % number
    if notice.due_on:
        return _("%(number)s整改期限%(day)s，整改落实情况。") % {
            **number,
            "day": day_words(notice.due_on),
        }
    return _("%(number)s所列问题的整改落实情况。") % number
