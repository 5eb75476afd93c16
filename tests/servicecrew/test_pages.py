"""The captain, the officer and the reader at their pages."""

from __future__ import annotations

import datetime as dt
import io
import uuid
from collections.abc import Iterator
from typing import Any

import openpyxl
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from branches.models import Person
from servicecrew.counting import Scope, totals
from servicecrew.models import Turnout, TurnoutPerson
from servicecrew.services import steps
from servicecrew.services.turnout_rows import PersonDay
from servicecrew.services.turnouts import edit_turnout
from servicecrew.workbook import OPTIONAL, REQUIRED
from tests.cast import Cast
from tests.servicecrew.scene import Team, at, declared, pressed, turnout_of


@pytest.fixture
def night() -> Iterator[None]:
    with time_machine.travel(at(21, 8), tick=False):
        yield


@pytest.fixture
def captain(cast: Cast, team: Team, client: Client, night: None) -> Client:
    client.force_login(cast.captain)
    return client


def text(answer: Any) -> str:
    body: str = answer.content.decode()
    return body


def confirmed(team: Team, cast: Cast, **more: Any) -> Turnout:
    turnout = turnout_of(team, cast.captain, **more)
    steps.mark_turnout(
        turnout_id=turnout.pk,
        statements=[pressed("arrived", at(20, 22, 41)), pressed("restored", at(21, 1, 17))],
        actor=cast.captain,
        now=at(21, 1, 20),
    )
    turnout.refresh_from_db()
    edit_turnout(
        turnout_id=turnout.pk,
        values={"work_ticket_no": "P-1"},
        version=turnout.version,
        actor=cast.captain,
        now=at(21, 7),
    )
    steps.log_turnout(turnout_id=turnout.pk, actor=cast.captain, now=at(21, 7))
    return steps.confirm_turnout(turnout_id=turnout.pk, actor=cast.captain, now=at(21, 7))


def test_the_captain_lands_on_three_buttons(captain: Client, team: Team, cast: Cast) -> None:
    home = captain.get(reverse("dashboard:home"), follow=True)
    assert home.redirect_chain[-1][0] == reverse("servicecrew:home")
    assert "现在没有出队" in text(home)
    turnout_of(team, cast.captain)
    page = text(captain.get(reverse("servicecrew:home")))
    assert page.index("21:46") < page.index("送电成功")
    assert page.count("crew-next") == 1, "one button is next"


def test_going_out_is_one_post_even_pressed_twice(captain: Client, team: Team) -> None:
    form = {
        "uuid": str(uuid.uuid4()),
        "key": str(uuid.uuid4()),
        "crew": team.squad.pk,
        "subject": "10kV后埔线断线",
        "service_kind": "repair",
        "at": "2017-06-21T07:58:00+08:00",
    }
    for _press in range(2):
        assert captain.post(reverse("servicecrew:home"), form).status_code == 302
    turnout = Turnout.objects.get()
    assert turnout.departed_at == at(21, 7, 58)
    assert turnout.people.count() == 6


def test_what_was_typed_stays_when_it_is_refused(captain: Client, team: Team) -> None:
    form = {
        "uuid": str(uuid.uuid4()),
        "key": str(uuid.uuid4()),
        "crew": team.squad.pk,
        "subject": "",
        "place": "后埔村",
        "service_kind": "repair",
    }
    answer = captain.post(reverse("servicecrew:home"), form)
    assert answer.status_code == 400
    assert "一句话就行" in text(answer)
    assert "后埔村" in text(answer)


def test_a_time_is_declared_and_both_are_shown(captain: Client, team: Team, cast: Cast) -> None:
    turnout = turnout_of(team, cast.captain)
    path = reverse("servicecrew:turnout-times", args=[turnout.uuid])
    values = {"ordered": "2017-06-20T21:32", "departed": "2017-06-20T21:40", "reason": "先走后按"}
    assert captain.post(path, values).status_code == 302
    page = text(captain.get(reverse("servicecrew:turnout", args=[turnout.uuid])))
    assert "手机按下 21:46" in page
    assert "补报 21:40" in page
    wrong = captain.post(path, values | {"arrived": "2017-06-20T25:00"})
    assert wrong.status_code == 400
    assert "没有24:00、25:00" in text(wrong)
    early = captain.post(path, values | {"arrived": "2017-06-20T20:00"})
    assert early.status_code == 400
    assert "早于出发" in text(early)


def test_the_history_speaks_in_words_not_in_codes(captain: Client, team: Team, cast: Cast) -> None:
    turnout = turnout_of(team, cast.captain)
    edit_turnout(
        turnout_id=turnout.pk,
        values={"satisfaction": "satisfied", "operation_id": team.summer.pk, "voltage": "10"},
        version=turnout.version,
        actor=cast.captain,
        now=at(20, 23),
    )
    page = text(captain.get(reverse("servicecrew:turnout", args=[turnout.uuid])))
    assert "客户满意度：（空） → 满意" in page or "客户满意度：满意" in page
    assert "行动：迎峰度夏2017" in page
    assert "satisfied" not in page
    listed = text(captain.get(reverse("servicecrew:turnouts")))
    assert 'data-label="人次">—<' in listed, "a draft counts nothing yet"


def test_two_people_edit_and_see_both_versions(captain: Client, team: Team, cast: Cast) -> None:
    turnout = turnout_of(team, cast.captain)
    path = reverse("servicecrew:turnout-edit", args=[turnout.uuid])
    page = captain.get(path)
    form = page.context["form"]
    sent = {n: form[n].value() for n in form.fields if form[n].value() not in (None, False)}
    deputy = Client()
    deputy.force_login(cast.deputy_a)
    assert deputy.post(path, sent | {"place": "陈溪村", "key": uuid.uuid4()}).status_code == 302
    mine = captain.post(path, sent | {"place": "桂阳乡政府", "key": uuid.uuid4()})
    assert mine.status_code == 409
    assert "陈溪村" in text(mine)
    assert "桂阳乡政府" in text(mine)


def test_a_person_in_two_places_is_named(captain: Client, team: Team, cast: Cast) -> None:
    turnout_of(team, cast.captain, values={"subject": "第一处", "place": "甲"})
    other = turnout_of(team, cast.captain, values={"subject": "第二处", "place": "乙"})
    page = captain.get(reverse("servicecrew:turnout", args=[other.uuid]))
    assert "一个人不能同时在两处" in text(page)
    refused = captain.post(reverse("servicecrew:turnout-log", args=[other.uuid]))
    assert refused.status_code == 400
    assert "第一处" in text(refused)
    other.refresh_from_db()
    assert other.status == "draft"


def test_the_officer_verifies_and_it_counts(captain: Client, team: Team, cast: Cast) -> None:
    turnout = confirmed(team, cast)
    assert totals(Scope()).person_times == 0
    officer = Client()
    officer.force_login(cast.officer)
    queue = text(officer.get(reverse("servicecrew:turnouts"), {"status": "captain_confirmed"}))
    assert turnout.subject in queue
    verify = reverse("servicecrew:turnout-verify", args=[turnout.uuid])
    assert captain.post(verify).status_code == 403
    assert officer.post(verify).status_code == 302
    assert totals(Scope()).person_times == 6
    page = text(officer.get(reverse("servicecrew:figures")))
    assert "6 人次" in page
    assert turnout.subject in page
    back = officer.post(
        reverse("servicecrew:turnout-reopen", args=[turnout.uuid]), {"reason": "抄错"}
    )
    assert back.status_code == 302
    assert totals(Scope()).person_times == 0


def test_paper_comes_in_by_excel_once(captain: Client, team: Team, cast: Cast) -> None:
    names = [m.person.name for m in team.squad.members.select_related("person").order_by("pk")]
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append([*REQUIRED, *OPTIONAL])

    def row(**cells: Any) -> None:
        sheet.append([cells.get(title) for title in (*REQUIRED, *OPTIONAL)])

    row(
        服务队="配电运检分队",
        出队日期="2017-06-19",
        事由="雷击跳闸",
        类别="抢修",
        区县="市区",
        地点="后埔村",
        出发="22:50",
        到场="23:20",
        复电="01:17",
        人员="、".join(names[:3]),
        车辆="闽C00001",
        工作票号="P-9",
    )
    # Merged cells: crew and day are those of the row above.
    row(事由="倒杆抢险", 类别="抢修", 区县="市区", 地点="城东", 出发="08:00", 人员=names[3])
    sheet.merge_cells("A2:A3")
    row(
        服务队="配电运检分队",
        出队日期="2017-06-19",
        事由="测温",
        类别="抢修",
        区县="市区",
        地点="东海",
        出发="25:00",
        人员="谁也不是",
    )
    file = io.BytesIO()
    book.save(file)
    upload = SimpleUploadedFile("补录.xlsx", file.getvalue())
    preview = captain.post(reverse("servicecrew:import"), {"file": upload}, follow=True)
    page = text(preview)
    assert "2 行可以导入，1 行要改" in page
    assert "没有“25:00”这个时刻" in page
    assert "谁也不是不在配电运检分队的名册上" in page
    assert "合并单元格" in page
    path = preview.request["PATH_INFO"]
    for _press in range(2):
        assert captain.post(path).status_code == 302
    assert Turnout.objects.count() == 2
    first = Turnout.objects.get(subject="雷击跳闸")
    assert first.restored_at == at(20, 1, 17), "past midnight it is the next day"
    assert first.people.count() == 3
    assert first.status == "logged"


def test_the_list_leaves_as_excel(captain: Client, team: Team, cast: Cast) -> None:
    turnout = confirmed(team, cast)
    answer = captain.get(reverse("servicecrew:turnout-export"), {"kind": "repair"})
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    cells = [cell for row in book.active.iter_rows(values_only=True) for cell in row]
    assert turnout.number in cells
    assert 6 in cells


def test_relief_and_two_crews_on_one_turnout(captain: Client, team: Team, cast: Cast) -> None:
    """A person counts once per day; a relief shift anew; two crews share one record."""
    turnout = turnout_of(team, cast.captain, other_crews=[team.second.pk])
    first = [row.person_id for row in turnout.people.all()]
    relief = Person.objects.filter(crew_memberships__crew=team.second).order_by("pk")
    people = [PersonDay(p, team.squad.pk, dt.date(2017, 6, 20)) for p in first]
    people += [PersonDay(first[0], team.squad.pk, dt.date(2017, 6, 20), shift=2)]
    people += [PersonDay(p.pk, team.second.pk, dt.date(2017, 6, 20), shift=2) for p in relief]
    people += [PersonDay(first[0], team.squad.pk, dt.date(2017, 6, 21))]
    edit_turnout(
        turnout_id=turnout.pk,
        values={},
        version=1,
        people=people,
        actor=cast.captain,
        now=at(21, 8),
    )
    assert TurnoutPerson.objects.count() == 6 + 2 + 1
    page = text(captain.get(reverse("servicecrew:turnout", args=[turnout.uuid])))
    assert "9 人次" in page
    assert "第 2 班" in page


def test_the_tired_are_named(captain: Client, team: Team, cast: Cast) -> None:
    turnout = turnout_of(team, cast.captain)
    steps.mark_turnout(
        turnout_id=turnout.pk,
        statements=[declared("arrived", at(20, 22)), declared("restored", at(21, 5))],
        actor=cast.captain,
        now=at(21, 6),
    )
    turnout_of(
        team,
        cast.captain,
        values={"subject": "又一处", "place": "乙"},
        times=[pressed("departed", at(21, 7))],
        now=at(21, 7),
    )
    page = text(captain.get(reverse("servicecrew:home")))
    assert "有人该歇了" in page
    assert "夜里出队后只歇了 2.0 小时" in page


def test_the_county_goes_out_in_the_citys_operation(cast: Cast, team: Team, night: None) -> None:
    people = [PersonDay(cast.members(cast.elsewhere)[1].pk)]
    chief = cast.members(cast.elsewhere)[1]
    from portal.accounts.models import User

    user = User.objects.create_user("county_captain", display_name=chief.name, password=None)
    Person.objects.filter(pk=chief.pk).update(user=user)
    turnout = turnout_of(
        team,
        user,
        crew=team.county,
        people=people,
        values={"subject": "陈埭抢修", "place": "陈埭", "operation_id": team.summer.pk},
    )
    client = Client()
    client.force_login(user)
    page = text(client.get(reverse("servicecrew:operation", args=[team.summer.pk])))
    assert "迎峰度夏2017" in page
    leader = Client()
    leader.force_login(cast.leader)
    assert turnout.subject in text(leader.get(reverse("servicecrew:turnouts")))
