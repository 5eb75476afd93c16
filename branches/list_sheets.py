"""Lists of people and branches as tables of a workbook: what the pages show, one row each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from branches.burden import Burden
from branches.models import Branch, Person
from branches.organisation_tree import MemberRow, TreeGroup
from branches.register_pages import StudyRow
from portal.documents.excel import Column, Kind, Sheet
from portal.kernel.months import Month


def members_sheet(branch: Branch, rows: Sequence[MemberRow], *, is_whole: bool) -> Sheet:
    """The roster. ``is_whole``: with the columns that only those need who may read it in again."""
    members = [row.membership for row in rows]
    own = [
        Column(_("工号"), width=14),
        Column(_("部门班组"), width=20),
        Column(_("行政职务"), width=16),
    ]
    return Sheet(
        name=_("党员名册"),
        columns=[
            Column(_("姓名"), width=12),
            *(own if is_whole else ()),
            Column(_("党内职务"), width=16),
            Column(_("类别"), width=12),
            Column(_("党小组"), width=14),
            Column(_("支部"), width=20),
            Column(_("转入日期"), Kind.DATE),
        ],
        rows=[
            (
                member.person.name,
                *(_own(member.person) if is_whole else ()),
                "、".join(map(str, row.posts)),
                str(member.get_kind_display()),
                str(member.group or ""),
                member.branch.label,
                member.started_on,
            )
            for row, member in zip(rows, members, strict=True)
        ],
        title=_("%(branch)s党员名册") % {"branch": branch.label},
    )


def _own(person: Person) -> tuple[str, str, str]:
    return person.staff_no or "", person.workplace, person.job_title


def study_sheet(branch: Branch, month: Month, rows: Sequence[StudyRow]) -> Sheet:
    """Hours of the year so far, in the order of the roster."""
    return Sheet(
        name=_("学时"),
        columns=[
            Column(_("姓名"), width=14),
            Column(_("到会学习（次）"), Kind.INTEGER, width=16),
            Column(_("学时"), Kind.MARKS),
        ],
        rows=[(row.name, row.sessions, row.hours) for row in rows],
        title=_("%(branch)s%(year)d年学时，到%(month)d月底")
        % {"branch": branch.label, "year": month.year, "month": month.number},
        portrait=True,
    )


def people_sheet(people: Iterable[Person]) -> Sheet:
    """People with the branch they belong to and the posts they hold today."""
    return Sheet(
        name=_("人员"),
        columns=[
            Column(_("姓名"), width=12),
            Column(_("工号"), width=14),
            Column(_("部门班组"), width=22),
            Column(_("支部"), width=24),
            Column(_("职务"), width=30),
        ],
        rows=[
            (
                person.name,
                person.staff_no or "",
                person.workplace or person.committee.name,
                "、".join(member.branch.label for member in person.memberships.all()),
                "、".join(posts_of(person)),
            )
            for person in people
        ],
        title=_("人员"),
    )


def posts_of(person: Person) -> list[str]:
    """``配电运检书记``: the posts as the page names them."""
    return [
        f"{post.branch.label if post.branch else post.committee}{post.post}"
        for post in person.appointments.all()
    ]


def tree_sheet(groups: Sequence[TreeGroup]) -> Sheet:
    """Branches in the order of the tree."""
    modes = {"full_time": _("专职"), "part_time": _("兼职")}
    return Sheet(
        name=_("组织"),
        columns=[
            Column(_("党委"), width=18),
            Column(_("支部"), width=24),
            Column(_("层级"), width=10),
            Column(_("类型"), width=14),
            Column(_("书记"), width=12),
            Column(_("专职或兼职"), width=12),
            Column(_("党员"), Kind.INTEGER),
            Column(_("不参评"), width=8),
        ],
        rows=[
            (
                group.committee.name,
                row.branch.name,
                str(row.branch.tier_label),
                str(row.branch.type_label),
                row.branch.secretary or _("空缺"),
                modes.get(row.branch.secretary_mode or "", ""),
                row.branch.shown_members,
                _("是") if row.branch.is_exempt else "",
            )
            for group in groups
            for row in group.rows
        ],
        title=_("党组织一览"),
    )


def burden_sheet(burden: Burden) -> Sheet:
    """What was asked of people in a month, and the rule behind each duty."""
    return Sheet(
        name=_("减负账单"),
        columns=[
            Column(_("表"), width=18),
            Column(_("谁填"), width=18),
            Column(_("填了几次"), Kind.INTEGER),
            Column(_("要填的项"), Kind.INTEGER),
            Column(_("带好的项"), Kind.INTEGER),
            Column(_("自己填的项"), Kind.INTEGER),
        ],
        rows=[
            (line.label, line.role, line.times, line.asked, line.prefilled, line.typed)
            for line in burden.lines
        ],
        title=_("%(month)s减负账单") % {"month": burden.month.label},
        notes=[
            _("问了两遍的事：%(n)d") % {"n": burden.asked_twice},
            *(f"{rule.label}（{rule.period_label}）：{rule.basis}" for rule in burden.rules),
        ],
    )
