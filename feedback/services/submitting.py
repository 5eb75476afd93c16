"""How a request comes in: said online, or written down by the office for somebody else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from branches.access import access_of
from branches.models import Committee, Person
from feedback.clocks import policy_of
from feedback.keys import ALPHABET, LENGTH
from feedback.models import (
    Authorship,
    Category,
    Department,
    Kind,
    Level,
    ListeningSession,
    Source,
    StaffRequest,
)
from feedback.models.requests import MAX_TEXT
from feedback.permissions import may_record, may_submit
from feedback.recipients import discipline_of, office_of
from feedback.services.history import add_author_event, add_event, checked, short, tell_people
from portal.accounts.models import User
from portal.attachments.checking import CheckedFile
from portal.attachments.limits import SEALED
from portal.attachments.services import attach
from portal.audit.services import record
from portal.kernel.errors import DomainError
from portal.kernel.months import local_date
from portal.workdays import services as workdays

SHORTEST = 4


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said, as the form has it. ``key`` is the one the form was drawn with: the
    same form sent twice makes one request."""

    text: str
    level: str
    kind: str = "suggestion"
    category: str = ""
    key: str = ""


def listening_committee(user: User) -> Committee:
    """The committee that listens to the user: his own if it has departments to answer, else
    the nearest above that has. Raises PermissionDenied for somebody of no committee."""
    home = next(iter(access_of(user).home_committees), None)
    if home is None:
        raise PermissionDenied(_("您的账号还没有登记到人员名册，请找党群部登记后再提。"))
    own = committee = Committee.objects.get(pk=home)
    while not Department.objects.filter(committee=committee, is_active=True).exists():
        if committee.parent is None:
            return own
        committee = committee.parent
    return committee


@transaction.atomic
def submit_request(
    *,
    said: Said,
    actor: User | None,
    committee: Committee | None = None,
    files: Sequence[CheckedFile] = (),
    now: dt.datetime,
) -> StaffRequest:
    """Say something online.

    ``actor`` is the author; for an anonymous request it only decides which committee listens,
    unless ``committee`` is given, and is then forgotten. Raises PermissionDenied, DomainError
    naming the field. The same ``said.key`` again returns what is there. Of ``files`` nothing
    but the picture is kept, for the one row that leads to the author is the Authorship.
    """
    if committee is None:
        if actor is None or not may_submit(actor):
            raise PermissionDenied(_("您的账号还没有登记到人员名册，请找党群部登记后再提。"))
        committee = listening_committee(actor)
    if said.level != Level.ANONYMOUS and (actor is None or not may_submit(actor)):
        raise PermissionDenied(_("实名和对承办部门匿名须先登录；不想登录，请选“完全匿名”。"))
    if (there := _already(said)) is not None:
        return there
    request, is_new = _created(
        said, committee, source=Source.ONLINE, session=None, recorded_by=None, now=now
    )
    if not is_new:
        return request
    if not request.is_anonymous:
        Authorship.objects.create(request=request, user=actor)
    attach(owner=request, files=files, actor=None, now=now, profile=SEALED)
    add_author_event(request, "submitted", _("提交"), now=now)
    _tell_office(request, now)
    return request


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who said it, as far as the office knows: somebody of the company, or a name."""

    person: Person | None = None
    name: str = ""
    contact: str = ""


@transaction.atomic
def record_request(
    *,
    said: Said,
    committee: Committee,
    source: str,
    speaker: Speaker,
    session: ListeningSession | None = None,
    answer_at_once: str = "",
    from_visit: bool = False,
    actor: User,
    now: dt.datetime,
    via: str = "web",
) -> StaffRequest:
    """Write down what somebody said at a reception day, on the telephone, in a letter.

    ``answer_at_once`` is the answer given on the spot; it stands in the history until a
    department answers. ``from_visit``: the visit's own service has asked who may.
    Raises PermissionDenied, DomainError naming the field.
    """
    if not from_visit and not may_record(actor, committee):
        raise PermissionDenied
    if source not in Source.values or source == Source.ONLINE:
        raise DomainError(_("请选从哪里听到的。"), field="source")
    if session is not None and session.committee_id != committee.pk:
        raise DomainError(_("这一场不是本党委的。"), field="session")
    if (there := _already(said)) is not None:
        return there
    anonymous = said.level == Level.ANONYMOUS
    if not anonymous and speaker.person is None and not speaker.name.strip():
        raise DomainError(_("请填是谁说的；不愿留名，请选“完全匿名”。"), field="name")
    request, is_new = _created(
        said,
        committee,
        source=source,
        session=session,
        recorded_by=None if anonymous else actor,
        now=now,
    )
    if not is_new:
        return request
    if anonymous:
        # Said face to face: the office knows it already, a batch would only delay it.
        request.released_on = local_date(now)
        request.save(update_fields=["released_on"])
        add_author_event(request, "recorded", _("由书记办公室代记"), now=now)
    else:
        Authorship.objects.create(
            request=request,
            person=speaker.person,
            user=speaker.person.user if speaker.person else None,
            name=checked(speaker.name, field="name", most=40),
            contact=checked(speaker.contact, field="contact", most=60),
        )
        add_event(
            request,
            "recorded",
            _("%(source)s记下") % {"source": request.get_source_display()},
            actor=actor,
            office=_("书记办公室"),
            now=now,
        )
        record(
            code="request.recorded",
            target=request,
            actor=actor,
            now=now,
            via=via,
            after={"source": source, "session": session and str(session)},
        )
    if answer := checked(answer_at_once, field="answer_at_once", most=500):
        add_event(
            request,
            "answered_at_once",
            _("当场答复"),
            note=answer,
            actor=None if anonymous else actor,
            office=_("接待领导"),
            now=now,
        )
    _tell_office(request, now, without=actor)
    return request


# -- inside ---------------------------------------------------------------------------


def is_taken(said: Said) -> bool:
    """Whether the form that ``said`` came on was sent before."""
    return _is_key(said.key) and StaffRequest.objects.filter(pk=said.key).exists()


def _already(said: Said) -> StaffRequest | None:
    if not _is_key(said.key):
        return None
    found: StaffRequest | None = StaffRequest.objects.filter(pk=said.key).first()
    if found is not None and found.text != said.text.strip():
        raise DomainError(_("这张表已经提交过了，要再说一件请重新打开表单。"))
    return found


def _is_key(key: str) -> bool:
    return len(key) == LENGTH and not set(key) - set(ALPHABET)


def _created(
    said: Said,
    committee: Committee,
    *,
    source: str,
    session: ListeningSession | None,
    recorded_by: User | None,
    now: dt.datetime,
) -> tuple[StaffRequest, bool]:
    """The request, and whether it is new: of two clicks at once the later one finds the other's."""
    text = checked(said.text, field="text", most=MAX_TEXT, missing=_("请写下想说的事。"))
    if len(text) < SHORTEST:
        raise DomainError(_("请多写几个字，让人知道是什么事。"), field="text")
    if "\x00" in text:
        raise DomainError(_("文字里有不能保存的字符，请删去后再提交。"), field="text")
    if said.level not in Level.values:
        raise DomainError(_("请选让谁知道您是谁。"), field="level")
    kind = Kind.objects.filter(pk=said.kind, is_active=True).first()
    if kind is None:
        raise DomainError(_("请选是哪一类。"), field="kind")
    category = None
    if said.category:
        category = Category.objects.filter(pk=said.category, is_active=True).first()
        if category is None:
            raise DomainError(_("没有这个类别，请重新选。"), field="category")
    today = local_date(now)
    anonymous = said.level == Level.ANONYMOUS
    # With the batch of the next working day (ADR 26).
    released_on = workdays.add_workdays(today, 1) if anonymous else today
    accept_due_on = workdays.add_workdays(released_on, policy_of(committee.pk).accept_workdays)
    more = {"id": said.key} if _is_key(said.key) else {}
    try:
        with transaction.atomic():
            made: StaffRequest = StaffRequest.objects.create(
                committee=committee,
                kind=kind,
                category=category,
                source=source,
                session=session,
                level=said.level,
                text=text,
                is_sealed=kind.is_sealed,
                submitted_on=today,
                submitted_at=None if anonymous else now,
                released_on=released_on,
                recorded_by=recorded_by,
                accept_due_on=accept_due_on,
                **more,
            )
    except IntegrityError:
        if (there := _already(said)) is None:
            raise
        return there, False
    return made, True


def _tell_office(request: StaffRequest, now: dt.datetime, without: User | None = None) -> None:
    """Anonymous ones are told of once a day, by the sweep: a message at once would tell when."""
    if request.is_anonymous:
        return
    today = local_date(now)
    if request.is_sealed:
        people = discipline_of([request.committee_id], today=today)
        title = _("有一件只由纪检查看的反映：%(what)s")
    else:
        people = office_of([request.committee_id], today=today)
        title = _("新的诉求，请受理：%(what)s")
    tell_people(
        request,
        (user for user in people.get(request.committee_id, ()) if user != without),
        "submitted",
        title % {"what": short(request)},
        now=now,
    )
