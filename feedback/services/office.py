"""What the office that listens does: accept or decline, assign, merge, supervise, publish."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from feedback.clocks import moved, policy_of, reply_due, result_due
from feedback.lifecycles import REQUEST, SUPERVISION, RequestStatus
from feedback.models import (
    Category,
    Department,
    Extension,
    NameView,
    Outcome,
    Pause,
    Publication,
    StaffRequest,
    SupervisionOrder,
    Urgency,
)
from feedback.permissions import (
    may_accept,
    may_assign,
    may_decide,
    may_grant_extension,
    may_merge,
    may_pause,
    may_publish,
    may_report_order,
    may_see_name,
    may_settle,
    may_supervise,
)
from feedback.recipients import office_of, seats_of, secretaries_of
from feedback.services.history import (
    add_event,
    check_version,
    checked,
    locked,
    office_step,
    short,
    tell_author,
    tell_people,
)
from portal.accounts.models import User
from portal.audit.services import record
from portal.kernel.errors import DomainError, TransitionRefused
from portal.kernel.months import local_date
from portal.kernel.sequences import next_number
from portal.workdays import services as workdays

OFFICE = "书记办公室"
DISCIPLINE = "纪检"
ORDER_CODE = "督办"


def accept(
    *,
    request_id: str,
    headline: str = "",
    category: str = "",
    actor: User,
    now: dt.datetime,
    version: int | None = None,
    via: str = "web",
) -> StaffRequest:
    """Take it on. ``headline`` is the office's wording without names: colleagues see that one.

    Raises PermissionDenied, TransitionRefused, EditConflict, DomainError naming the field.
    """
    with transaction.atomic():
        request = locked(request_id)
        if not may_accept(actor, request):
            raise PermissionDenied
        before = REQUEST.take(request, "accept")
        check_version(request, version)
        today = local_date(now)
        if not request.is_sealed:
            request.headline = checked(
                headline or request.headline,
                field="headline",
                most=60,
                missing=_("请写一个标题，不写姓名和五人以下的班组。"),
            )
        if category:
            request.category = Category.objects.filter(pk=category).first()
        request.accepted_at = now
        request.assign_due_on = workdays.add_workdays(
            today, policy_of(request.committee_id).assign_workdays
        )
        office_step(
            request,
            "accepted",
            _("受理"),
            actor=actor,
            office=DISCIPLINE if request.is_sealed else OFFICE,
            now=now,
            via=via,
            before={"status": before},
            after={"status": request.status, "headline": request.headline},
        )
        tell_author(request, "accepted", _("已受理：%(what)s") % {"what": short(request)}, now=now)
    return request


def decline(
    *, request_id: str, reason: str, actor: User, now: dt.datetime, via: str = "web"
) -> StaffRequest:
    """Say why it is not taken on; the author reads the reason."""
    reason = checked(reason, field="reason", missing=_("请说明为什么不予受理，职工会看到。"))
    with transaction.atomic():
        request = locked(request_id)
        if not may_accept(actor, request):
            raise PermissionDenied
        before = REQUEST.take(request, "decline")
        request.decline_reason = reason
        request.closed_on = local_date(now)
        office_step(
            request,
            "declined",
            _("不予受理"),
            note=reason,
            actor=actor,
            office=DISCIPLINE if request.is_sealed else OFFICE,
            now=now,
            via=via,
            before={"status": before},
            after={"status": request.status},
        )
        tell_author(
            request,
            "declined",
            _("不予受理：%(what)s") % {"what": short(request)},
            body=reason,
            now=now,
        )
    return request


def settle(
    *, request_id: str, text: str, actor: User, now: dt.datetime, via: str = "web"
) -> StaffRequest:
    """The discipline office tells the author where the matter goes on, and ends it here."""
    text = checked(text, field="text", missing=_("请写明已转到哪里、怎么继续。"))
    with transaction.atomic():
        request = locked(request_id)
        if not may_settle(actor, request):
            raise PermissionDenied
        before = REQUEST.take(request, "settle")
        request.closed_on = local_date(now)
        office_step(
            request,
            "settled",
            _("告知办结"),
            note=text,
            actor=actor,
            office=DISCIPLINE,
            now=now,
            via=via,
            before={"status": before},
            after={"status": request.status},
        )
        tell_author(
            request, "settled", _("纪检已告知：%(what)s") % {"what": short(request)}, now=now
        )
    return request


def assign(
    *,
    request_id: str,
    department: Department,
    helpers: Iterable[Department] = (),
    urgency: str = Urgency.ORDINARY,
    note: str = "",
    actor: User,
    now: dt.datetime,
    version: int | None = None,
    via: str = "web",
) -> StaffRequest:
    """Give it to the department that answers, with helpers and a clock; or to another one.

    Counted from the day of acceptance; a reassigned request keeps its clock unless ``urgency``
    changes. Raises PermissionDenied, TransitionRefused, EditConflict, DomainError.
    """
    note = checked(note, field="note", most=300)
    with transaction.atomic():
        request = locked(request_id)
        if not may_assign(actor, request):
            raise PermissionDenied
        if urgency not in Urgency.values:
            raise DomainError(_("请选缓急。"), field="urgency")
        if department.committee_id != request.committee_id or not department.is_active:
            raise DomainError(_("请选本公司的承办部门。"), field="department")
        others = [helper for helper in helpers if helper.pk != department.pk]
        if any(helper.committee_id != request.committee_id for helper in others):
            raise DomainError(_("协办部门须是本公司的。"), field="helpers")
        old = request.department
        step = {"assigned": "reassign", "reopened": "reassign_again"}.get(request.status, "assign")
        before = REQUEST.take(request, step)
        check_version(request, version)
        today = local_date(now)
        policy = policy_of(request.committee_id)
        accepted_on = local_date(request.accepted_at or now)
        if step == "assign" or urgency != request.urgency:
            start = today if step == "reassign_again" else accepted_on
            request.reply_due_on = max(reply_due(policy, urgency, start), today)
            request.result_due_on = max(result_due(policy, start), request.reply_due_on)
        request.urgency = urgency
        request.department = department
        request.assigned_at = now
        names = "、".join(str(helper) for helper in others)
        text = (_("转%(department)s办理") if step == "assign" else _("改由%(department)s办理")) % {
            "department": department
        }
        if names:
            text += _("，%(names)s协办") % {"names": names}
        office_step(
            request,
            "assigned" if step == "assign" else "reassigned",
            text,
            note=note,
            actor=actor,
            office=OFFICE,
            now=now,
            via=via,
            before={"status": before, "department": old and old.name},
            after={
                "status": request.status,
                "department": department.name,
                "reply_due_on": request.reply_due_on,
            },
        )
        request.helpers.set(others)
        people = seats_of([department.pk, *(h.pk for h in others)], today=today)
        tell_people(
            request,
            [user for users in people.values() for user in users],
            f"assigned-{request.version}",
            _("请办理：%(what)s") % {"what": short(request)},
            body=_("%(day)s前答复。%(note)s") % {"day": _day(request.reply_due_on), "note": note},
            now=now,
        )
        tell_author(
            request,
            f"assigned-{request.version}",
            _("%(text)s：%(what)s") % {"text": text, "what": short(request)},
            now=now,
        )
    return request


def merge(
    *, request_id: str, into_id: str, actor: User, now: dt.datetime, via: str = "web"
) -> StaffRequest:
    """Handle it together with another: its author hears everything that becomes of that one."""
    if request_id == into_id:
        raise DomainError(_("不能并入自己。"), field="into")
    with transaction.atomic():
        # Both rows, in the order of their keys, so that two merges never wait for each other.
        rows = {key: locked(key) for key in sorted((request_id, into_id))}
        request, main = rows[request_id], rows[into_id]
        if not may_merge(actor, request) or not may_merge(actor, main):
            raise PermissionDenied
        if main.committee_id != request.committee_id:
            raise DomainError(_("两件不在同一个党委。"), field="into")
        if main.status in ("merged", "declined", "withdrawn"):
            raise TransitionRefused(
                _("要并入的那一件%(state)s，请换一件。") % {"state": main.get_status_display()}
            )
        before = REQUEST.take(request, "merge")
        request.merged_into = main
        request.closed_on = local_date(now)
        request.merged.update(merged_into=main)
        office_step(
            request,
            "merged",
            _("与“%(what)s”一起办") % {"what": short(main)},
            actor=actor,
            office=OFFICE,
            now=now,
            via=via,
            before={"status": before},
            after={"status": request.status, "into": main.pk},
        )
        add_event(
            main,
            "joined",
            _("有一件同样的事并进来一起办"),
            actor=actor,
            office=OFFICE,
            now=now,
        )
        tell_author(
            request,
            "merged",
            _("已并案，结果会一起告诉您：%(what)s") % {"what": short(main)},
            now=now,
        )
    return request


# -- the clock --------------------------------------------------------------------------


def pause(
    *, request_id: str, reason: str, actor: User, now: dt.datetime, via: str = "web"
) -> StaffRequest:
    """Stop the clock, with a reason that the author reads."""
    reason = checked(
        reason, field="reason", most=300, missing=_("请写明为什么暂停计时，职工会看到。")
    )
    with transaction.atomic():
        request = locked(request_id)
        if not may_pause(actor, request):
            raise PermissionDenied
        if request.status not in ("assigned", "reopened"):
            raise TransitionRefused(_("只有办理中的事项可以暂停计时。"))
        if request.pauses.filter(ended_on__isnull=True).exists():
            raise TransitionRefused(_("已经暂停计时了。"))
        Pause.objects.create(request=request, reason=reason, started_on=local_date(now))
        office_step(
            request,
            "paused",
            _("暂停计时"),
            note=reason,
            actor=actor,
            office=str(request.department or OFFICE),
            now=now,
            via=via,
        )
        tell_author(
            request,
            f"paused-{request.version}",
            _("暂停计时：%(what)s") % {"what": short(request)},
            body=reason,
            now=now,
        )
    return request


def resume(
    *, request_id: str, actor: User | None, now: dt.datetime, via: str = "web"
) -> StaffRequest:
    """Let the clock run again; what is due moves by the working days it stood still.

    ``actor`` None: the author has answered the question that it waited for."""
    with transaction.atomic():
        request = locked(request_id)
        if actor is not None and not may_pause(actor, request):
            raise PermissionDenied
        if not end_pause(request, local_date(now)):
            raise TransitionRefused(_("没有在暂停。"))
        office_step(
            request,
            "resumed",
            _("恢复计时，答复期限改为%(day)s") % {"day": _day(request.reply_due_on)},
            actor=actor,
            office=str(request.department or OFFICE),
            now=now,
            via=via,
            after={"reply_due_on": request.reply_due_on},
        )
    return request


def end_pause(request: StaffRequest, today: dt.date) -> bool:
    """Close the open pause of a locked request and move its clocks (unsaved). False without."""
    standing = request.pauses.filter(ended_on__isnull=True).first()
    if standing is None:
        return False
    standing.ended_on = today
    standing.save(update_fields=["ended_on"])
    request.reply_due_on = moved(request.reply_due_on, standing.started_on, today)
    request.result_due_on = moved(request.result_due_on, standing.started_on, today)
    return True


def decide_extension(
    *, request_id: str, grant: bool, actor: User, now: dt.datetime, via: str = "web"
) -> StaffRequest:
    """Grant or refuse the one extension that a department may ask for."""
    with transaction.atomic():
        request = locked(request_id)
        if not may_grant_extension(actor, request):
            raise PermissionDenied
        asked = Extension.objects.select_for_update().filter(request=request).first()
        if asked is None or asked.granted is not None:
            raise TransitionRefused(_("没有等着批的延期申请。"))
        asked.granted = grant
        asked.decided_at = now
        asked.save(update_fields=["granted", "decided_at"])
        if grant and request.reply_due_on is not None:
            request.reply_due_on = max(request.reply_due_on, asked.new_due_on)
            request.result_due_on = max(
                request.result_due_on or request.reply_due_on, request.reply_due_on
            )
        text = (
            _("同意延期到%(day)s") % {"day": _day(asked.new_due_on)} if grant else _("没有同意延期")
        )
        office_step(
            request,
            "extended" if grant else "extension_refused",
            text,
            note=asked.reason if grant else "",
            actor=actor,
            office=OFFICE,
            now=now,
            via=via,
            before={"reply_due_on": asked.old_due_on},
            after={"reply_due_on": request.reply_due_on},
        )
        people = seats_of([request.department_id or 0], today=local_date(now))
        tell_people(
            request,
            people.get(request.department_id or 0, ()),
            "extension",
            f"{text}：{short(request)}",
            now=now,
        )
        if grant:
            tell_author(
                request, "extension", f"{text}：{short(request)}", body=asked.reason, now=now
            )
    return request


# -- the secretary ----------------------------------------------------------------------


def decide(
    *,
    request_id: str,
    outcome: str,
    text: str,
    actor: User,
    now: dt.datetime,
    via: str = "web",
) -> StaffRequest:
    """The secretary's last word after the author refused the second answer; it is closed."""
    text = checked(text, field="text", most=1000, missing=_("请写明怎么定、为什么，职工会看到。"))
    if outcome not in Outcome.values:
        raise DomainError(_("请选结果。"), field="outcome")
    with transaction.atomic():
        request = locked(request_id)
        if not may_decide(actor, request):
            raise PermissionDenied
        before = REQUEST.take(request, "decide")
        today = local_date(now)
        request.outcome = outcome
        request.closed_on = today
        if outcome == Outcome.CARRIED_OUT:
            request.carried_out_on = request.carried_out_on or today
        office_step(
            request,
            "decided",
            _("书记裁定：%(outcome)s") % {"outcome": request.get_outcome_display()},
            note=text[:500],
            actor=actor,
            office=_("书记"),
            now=now,
            via=via,
            before={"status": before},
            after={"status": request.status, "outcome": outcome},
        )
        tell_author(
            request,
            "decided",
            _("书记已裁定：%(what)s") % {"what": short(request)},
            body=text,
            now=now,
        )
        people = seats_of([request.department_id or 0], today=today)
        tell_people(
            request,
            people.get(request.department_id or 0, ()),
            "decided",
            _("书记已裁定：%(what)s") % {"what": short(request)},
            body=text,
            now=now,
        )
    return request


def supervise(
    *,
    request_id: str,
    demand: str,
    due_on: dt.date,
    actor: User,
    now: dt.datetime,
    via: str = "web",
) -> SupervisionOrder:
    """Issue a numbered supervision order (督办单) to the department that answers."""
    demand = checked(demand, field="demand", most=300, missing=_("请写明要求什么。"))
    with transaction.atomic():
        request = locked(request_id)
        if not may_supervise(actor, request):
            raise PermissionDenied
        today = local_date(now)
        if request.department is None or request.status not in (
            RequestStatus.ASSIGNED,
            RequestStatus.REOPENED,
            RequestStatus.REPLIED,
        ):
            raise TransitionRefused(_("分派给部门之后才能督办。"))
        if due_on < today:
            raise DomainError(_("督办期限不能早于今天。"), field="due_on")
        if request.orders.exclude(status="struck_off").exists():
            raise TransitionRefused(_("这件事已有一张未销号的督办单。"))
        order = SupervisionOrder.objects.create(
            request=request,
            department=request.department,
            year=today.year,
            number=next_number(
                issuer_code=f"{request.committee.issuer_code}{ORDER_CODE}"[:20], year=today.year
            ),
            demand=demand,
            due_on=due_on,
            issued_at=now,
            issued_by=actor,
        )
        office_step(
            request,
            "supervised",
            _("发出%(order)s，%(day)s前办结") % {"order": order, "day": _day(due_on)},
            note=demand,
            actor=actor,
            office=OFFICE,
            now=now,
            via=via,
            after={"order": str(order), "due_on": due_on},
        )
        people = seats_of([order.department_id], today=today)
        tell_people(
            request,
            people.get(order.department_id, ()),
            f"order-{order.pk}",
            _("%(order)s：%(what)s") % {"order": order, "what": short(request)},
            body=demand,
            now=now,
        )
    return order


def report_order(
    *, order_id: str, result: str, actor: User, now: dt.datetime, via: str = "web"
) -> SupervisionOrder:
    """The department says what it did about the order."""
    result = checked(result, field="result", missing=_("请写明办到什么程度。"))
    with transaction.atomic():
        order = _locked_order(order_id)
        if not may_report_order(actor, order):
            raise PermissionDenied
        SUPERVISION.take(order, "report")
        order.result = result
        order.reported_at = now
        order.save()
        office_step(
            order.request,
            "order_reported",
            _("%(order)s报办理结果") % {"order": order},
            note=result,
            actor=actor,
            office=str(order.department),
            now=now,
            via=via,
            is_inner=True,
        )
        people = office_of([order.request.committee_id], today=local_date(now))
        tell_people(
            order.request,
            people.get(order.request.committee_id, ()),
            f"order-reported-{order.pk}-{order.request.version}",
            _("%(order)s已报结果，请销号") % {"order": order},
            body=result,
            now=now,
        )
    return order


def strike_off(
    *, order_id: str, actor: User, now: dt.datetime, via: str = "web"
) -> SupervisionOrder:
    """销号: the order is done."""
    with transaction.atomic():
        order = _locked_order(order_id)
        if not may_supervise(actor, order.request):
            raise PermissionDenied
        SUPERVISION.take(order, "strike_off")
        order.struck_off_at = now
        order.struck_off_by = actor
        order.save()
        office_step(
            order.request,
            "struck_off",
            _("%(order)s销号") % {"order": order},
            actor=actor,
            office=OFFICE,
            now=now,
            via=via,
        )
    return order


def _locked_order(order_id: str) -> SupervisionOrder:
    """The order with its request locked first: locks go from the request downwards."""
    found = SupervisionOrder.objects.values("request_id").get(pk=order_id)
    request = locked(found["request_id"])
    order: SupervisionOrder = (
        SupervisionOrder.objects.select_for_update(of=("self",))
        .select_related("department")
        .get(pk=order_id)
    )
    order.request = request
    return order


# -- names and the board ----------------------------------------------------------------


def look_at_name(
    *, request_id: str, reason: str, actor: User, now: dt.datetime, via: str = "web"
) -> str:
    """The name of a confidential author. Each look is written down and shown to the author."""
    reason = checked(reason, field="reason", most=200, missing=_("请写明为什么要看姓名。"))
    with transaction.atomic():
        request = locked(request_id)
        if not may_see_name(actor, request):
            raise PermissionDenied
        author = getattr(request, "authorship", None)
        if author is None:
            raise DomainError(_("这一件没有留姓名。"))
        NameView.objects.create(request=request, viewer=actor, reason=reason, viewed_at=now)
        record(
            code="request.name_viewed",
            target=request,
            actor=actor,
            now=now,
            via=via,
            reason=reason,
        )
        tell_author(
            request,
            f"name-{now:%Y%m%d%H%M%S}",
            _("%(who)s查看了您的姓名：%(what)s") % {"who": actor, "what": short(request)},
            body=reason,
            now=now,
        )
    return str(author)


def publish(
    *,
    request_id: str,
    said: str,
    changed: str,
    detail: str = "",
    who: str = "",
    is_featured: bool = False,
    actor: User,
    now: dt.datetime,
    via: str = "web",
) -> Publication:
    """Put it on the board, or reword what is there. Without names and without teams under five."""
    said = checked(said, field="said", most=200, missing=_("请写大家看得懂的一句：说了什么。"))
    changed = checked(
        changed, field="changed", most=200, missing=_("请写改了什么，不是“已转相关部门”。")
    )
    detail = checked(detail, field="detail", most=200)
    who = checked(who, field="who", most=40)
    with transaction.atomic():
        request = locked(request_id)
        if not may_publish(actor, request):
            raise PermissionDenied
        if request.status not in ("replied", "closed", "declined", "reopened", "appealed"):
            raise TransitionRefused(_("答复或不予受理之后才能公开。"))
        _refuse_names(request, said, changed, detail, who)
        if is_featured:
            Publication.objects.filter(
                request__committee_id=request.committee_id, is_featured=True
            ).update(is_featured=False)
        found, created = Publication.objects.update_or_create(
            request=request,
            defaults={
                "said": said,
                "changed": changed,
                "detail": detail,
                "who": who,
                "is_featured": is_featured,
            },
            create_defaults={
                "said": said,
                "changed": changed,
                "detail": detail,
                "who": who,
                "is_featured": is_featured,
                "published_at": now,
            },
        )
        office_step(
            request,
            "published" if created else "republished",
            _("公开到看板") if created else _("改了看板上的写法"),
            note=changed,
            actor=actor,
            office=OFFICE,
            now=now,
            via=via,
        )
        if created:
            tell_author(
                request, "published", _("公开到看板：%(what)s") % {"what": changed}, now=now
            )
    return found


def _refuse_names(request: StaffRequest, *texts: str) -> None:
    """The author's name must not stand on the board, whatever level was chosen."""
    author = getattr(request, "authorship", None)
    if author is None:
        return
    names = {author.name, author.person and author.person.name}
    if author.user is not None:
        names.add(author.user.display_name)
    if any(name and name in text for name in names for text in texts):
        raise DomainError(_("看板上不能出现诉求人的姓名，请改写。"), field="said")


def _day(day: dt.date | None) -> str:
    return f"{day.month}月{day.day}日" if day else ""


def secretary_people(request: StaffRequest, today: dt.date) -> list[User]:
    return secretaries_of([request.committee_id], today=today).get(request.committee_id, [])
