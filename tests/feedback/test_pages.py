"""The pages as a person meets them: what opens, what is refused, what is kept of what was typed."""

from __future__ import annotations

import datetime as dt
import html
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from branches.models import Person
from feedback.keys import new_key
from feedback.models import ListeningSession, StaffRequest
from feedback.services import author, handling, publishing, sessions
from portal.accounts.models import User
from portal.attachments.models import Attachment
from tests.attachments import files
from tests.cast import NOW, Cast
from tests.feedback.scene import GLOVES, HEADLINE, Listening, accepted, assigned, at, replied, say

pytestmark = pytest.mark.usefixtures("clock")


def as_user(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(client: Client, name: str, *args: Any, status: int = 200, **query: str) -> str:
    response = client.get(reverse(f"feedback:{name}", args=args), query)
    assert response.status_code == status, (name, response.status_code)
    return response.content.decode()


def send(client: Client, route: str, *args: Any, status: int = 302, **data: Any) -> str:
    response = client.post(reverse(f"feedback:{route}", args=args), data)
    assert response.status_code == status, (route, response.status_code, response.content.decode())
    return response.content.decode()


def test_saying_something_and_following_it(cast: Cast, listening: Listening) -> None:
    worker, officer = as_user(listening.worker), as_user(cast.officer)
    form = page(worker, "say")
    assert "只有书记办公室知道您" in form
    assert "15日内告知是否受理" in form, "petitions are shown the right door before the form"
    send(worker, "say", text=GLOVES, level="named", kind="suggestion", category="protection")
    made = StaffRequest.objects.get()
    assert "6月28日(周三)前" in page(worker, "said", made.pk)
    assert GLOVES in page(worker, "request", made.pk)
    assert made.number in page(worker, "mine") or GLOVES[:20] in page(worker, "mine")
    assert "受理这件事" in page(officer, "request", made.pk)
    send(officer, "request-accept", made.pk, headline=HEADLINE, category="protection")
    send(
        officer,
        "request-assign",
        made.pk,
        department=listening.supplies.pk,
        urgency="ordinary",
        helpers=[listening.logistics.pk],
    )
    handler = as_user(listening.handler)
    assert HEADLINE in page(handler, "hands")
    refused = send(handler, "request-reply", made.pk, status=400, text="每人4副。", outcome="")
    assert "请选结果" in refused
    assert "每人4副。" in refused, "what was typed is still there"
    send(
        handler,
        "request-reply",
        made.pk,
        text="6月30日前每人4副。",
        outcome="planned",
        promise_what="每人每月4副",
        promise_due_on="2017-06-30",
    )
    promise = made.promises.get()
    send(handler, "promise-deliver", promise.pk, note="送到班组")
    assert "收到了吗" in page(worker, "request", made.pk)
    send(worker, "promise-arrived", promise.pk, arrived="1")
    send(worker, "request-rate", made.pk, solved="solved", is_answered="1")
    made.refresh_from_db()
    assert (made.status, made.outcome) == ("closed", "carried_out")
    send(
        officer,
        "request-publish",
        made.pk,
        said="手套不够用",
        changed="6月起每人每月由2副调为4副",
        is_featured="on",
    )
    assert "由2副调为4副" in page(Client(), "board"), "the board is open to everybody"


def test_the_same_form_again_leads_to_the_request_it_made(cast: Cast, listening: Listening) -> None:
    worker = as_user(listening.worker)
    given: dict[str, Any] = {
        "text": GLOVES,
        "level": "named",
        "kind": "suggestion",
        "key": "0123456789ABCDEF",
    }
    send(worker, "say", **given)
    assert "没有提第二件" not in page(worker, "said", given["key"])
    send(worker, "say", **given)
    assert "没有提第二件" in page(worker, "said", given["key"])
    assert StaffRequest.objects.count() == 1


def test_a_stranger_meets_404_and_a_wrong_hand_403(cast: Cast, listening: Listening) -> None:
    request = say(listening.worker)
    stranger = as_user(listening.colleague)
    page(stranger, "request", request.pk, status=404)
    send(stranger, "request-withdraw", request.pk, status=404)
    send(as_user(listening.worker), "request-accept", request.pk, headline="x", status=403)
    for name in ("ledger", "hands", "sealed", "promises", "record", "session-create"):
        page(stranger, name, status=403)


def test_a_second_hand_meets_a_sentence(cast: Cast, listening: Listening) -> None:
    request = accepted(say(listening.worker), cast)
    again = send(as_user(cast.officer), "request-accept", request.pk, headline="又", status=409)
    assert "不能受理" in again


def test_anonymous_is_sent_to_the_door_that_knows_no_account(
    cast: Cast, listening: Listening
) -> None:
    answer = send(
        as_user(listening.worker),
        "say",
        status=400,
        text=GLOVES,
        level="anonymous",
        kind="suggestion",
    )
    assert "匿名提交" in answer
    assert GLOVES in answer
    assert not StaffRequest.objects.exists()


def test_script_in_every_field_stays_text(cast: Cast, listening: Listening) -> None:
    evil = "<script>alert(1)</script>“'&"
    request = assigned(say(listening.worker, evil), cast, listening, note=evil)
    handling.ask_author(request_id=request.pk, text=evil, actor=listening.handler, now=NOW)
    author.add_word(request_id=request.pk, text=evil, actor=listening.worker, now=NOW)
    handling.reply(
        request_id=request.pk,
        answer=handling.Answer(evil, "explained", evil, evil),
        actor=listening.handler,
        now=NOW,
    )
    publishing.publish(request_id=request.pk, said=evil, changed=evil, actor=cast.officer, now=NOW)
    for client, name, args in (
        (as_user(listening.worker), "request", [request.pk]),
        (as_user(cast.officer), "request", [request.pk]),
        (as_user(cast.officer), "ledger", []),
        (Client(), "board", []),
    ):
        assert "<script>alert" not in page(client, name, *args)


def test_the_handler_never_reads_a_confidential_name(cast: Cast, listening: Listening) -> None:
    request = assigned(say(listening.worker, level="confidential"), cast, listening)
    for user in (listening.handler, cast.officer, listening.aide, cast.leader):
        assert "邱大川" not in page(as_user(user), "request", request.pk)
    aide = as_user(listening.aide)
    shown = send(aide, "request-name", request.pk, status=200, reason="核实尺码")
    assert "邱大川" in shown
    assert "邱大川" not in page(aide, "request", request.pk), "one look is one look"
    own = page(as_user(listening.worker), "request", request.pk)
    assert "核实尺码" in own
    assert "柯明远" in own


def test_hints_for_a_plain_reply(cast: Cast, listening: Listening) -> None:
    request = assigned(say(listening.worker), cast, listening)
    client = as_user(listening.handler)
    poor = send(client, "request-hints", request.pk, status=200, text="已转相关部门，高度重视。")
    assert "没有写日期" in poor
    assert "等于没说" in poor
    assert "没有提到对方问的事" in poor
    good = "7月1日起，纱手套每人每月由2副调为4副。"
    assert "hint" not in send(client, "request-hints", request.pk, status=200, text=good)


def test_the_ledger_finds_two_characters(cast: Cast, listening: Listening) -> None:
    request = accepted(say(listening.worker), cast)
    say(listening.colleague, "食堂晚上关门太早")
    officer = as_user(cast.officer)
    found = page(officer, "ledger", q="手套")
    assert HEADLINE in found
    assert "食堂" not in found
    assert HEADLINE in page(officer, "ledger", q=request.number)
    assert "没有符合条件" in page(officer, "ledger", q="龙虾")


def _session(cast: Cast, listening: Listening) -> ListeningSession:
    return sessions.plan_session(
        committee=cast.city,
        values=sessions.SessionValues(
            held_on=dt.date(2017, 7, 14),
            starts_at=dt.time(9),
            ends_at=dt.time(11, 30),
            place="公司本部3楼302室",
            leader_title="公司党委书记",
            departments=(listening.supplies,),
        ),
        actor=cast.officer,
        now=NOW,
    )


def test_a_reception_day_from_plan_to_results(cast: Cast, listening: Listening, clock: Any) -> None:
    officer, worker = as_user(cast.officer), as_user(listening.worker)
    session = _session(cast, listening)
    page(worker, "session", session.pk, status=404)
    send(officer, "session-announce", session.pk)
    assert "7月14日" in page(worker, "sessions")
    slot = session.slots.first()
    assert slot is not None
    send(worker, "slot-book", slot.pk, topic="手套", is_confidential="on")
    assert "邱大川" not in page(as_user(listening.colleague), "session", session.pk)
    assert "邱大川" not in page(officer, "session", session.pk), "confidential: not the officer"
    assert "邱大川" in page(as_user(listening.aide), "session", session.pk)
    taken = send(as_user(listening.colleague), "slot-book", slot.pk, status=409)
    assert "刚被别人约了" in taken
    other = session.slots.last()
    assert other is not None
    assert "已经约了" in send(worker, "slot-book", other.pk, status=409)
    clock.move_to(at(7, 14))
    aide = as_user(listening.aide)
    send(
        aide,
        "record",
        session=session.pk,
        text="夜班没有热水",
        name="蔡师傅",
        source="reception",
        level="named",
        kind="suggestion",
        answer_at_once="今天就请办公室看",
    )
    assert "夜班没有热水" in page(aide, "session", session.pk)
    send(aide, "session-hold", session.pk, minutes="接待1人")
    send(aide, "session-publish", session.pk, results="热水器7月20日前装好")
    worker = as_user(listening.worker)  # the old session has long run out
    assert "热水器7月20日前装好" in page(worker, "session", session.pk)
    assert "接待1人" not in page(worker, "session", session.pk)


def test_announced_too_late_says_why(cast: Cast, listening: Listening, clock: Any) -> None:
    session = _session(cast, listening)
    clock.move_to(at(7, 12))
    officer = as_user(cast.officer)
    assert "最迟7月11日" in send(officer, "session-announce", session.pk, status=400)
    send(officer, "session-announce", session.pk, late_reason="领导行程刚定")


def works_at(user: Any, workplace: str) -> None:
    Person.objects.filter(user=user).update(workplace=workplace)


def test_teams_confirm_what_was_delivered(cast: Cast, listening: Listening) -> None:
    pledge = handling.Pledge("每人每月4副", dt.date(2017, 7, 1), ("抢修一班", "抢修二班"))
    request = replied(say(listening.worker), cast, listening, pledge=pledge)
    promise = request.promises.get()
    handling.deliver_promised(promise_id=promise.pk, actor=listening.handler, now=NOW)
    works_at(listening.colleague, "抢修一班")
    works_at(listening.handler, "抢修二班")
    colleague, author_ = as_user(listening.colleague), as_user(listening.worker)
    shown = page(colleague, "confirm")
    assert "抢修一班" in shown
    assert "抢修二班" not in shown, "only one's own team"
    assert "抢修二班" in page(author_, "confirm"), "who asked may speak for any"
    first, second = promise.teams.order_by("pk")
    # Another team, another place, the office, and whoever delivers, of that team or not.
    for user in (listening.other_handler, cast.officer, cast.leader, cast.employee):
        assert "抢修" not in page(as_user(user), "confirm")
        send(as_user(user), "team-arrived", first.pk, status=403, arrived="1")
    assert "抢修" not in page(as_user(listening.handler), "confirm")
    send(as_user(listening.handler), "team-arrived", second.pk, status=403, arrived="1")
    send(colleague, "team-arrived", second.pk, status=403, arrived="1")
    answer = f"/api/v1/promise-teams/{second.pk}/answer/"
    assert colleague.post(answer, {"arrived": True}).status_code == 403
    send(colleague, "team-arrived", first.pk, arrived="1")
    send(author_, "team-arrived", second.pk, arrived="1")
    promise.refresh_from_db()
    assert promise.status == "confirmed"


def test_the_secretarys_board_shows_what_is_overdue(
    cast: Cast, listening: Listening, clock: Any
) -> None:
    pledge = handling.Pledge("补发手套", dt.date(2017, 6, 28))
    replied(say(listening.worker), cast, listening, pledge=pledge)
    assert "没有逾期的承诺" in page(as_user(cast.leader), "promises")
    clock.move_to(at(7, 3))
    shown = page(as_user(cast.leader), "promises")
    assert "1 件承诺逾期没有兑现" in shown
    assert "补发手套" in shown


def test_many_teams_in_a_row_are_one_line_of_the_history(cast: Cast, listening: Listening) -> None:
    teams = ("一班", "二班", "三班", "四班")
    pledge = handling.Pledge("每人每月4副", dt.date(2017, 6, 30), teams)
    request = replied(say(listening.worker), cast, listening, outcome="planned", pledge=pledge)
    promise = request.promises.get()
    handling.deliver_promised(promise_id=promise.pk, actor=listening.handler, now=NOW)
    for team in promise.teams.order_by("pk")[:3]:
        author.answer_for_team(team_id=team.pk, arrived=True, actor=listening.worker, now=NOW)
    fourth = promise.teams.order_by("pk")[3]
    author.answer_for_team(
        team_id=fourth.pk, arrived=False, note="少3副", actor=listening.worker, now=NOW
    )
    shown = page(as_user(listening.handler), "request", request.pk)
    assert "3 个班组确认收到" in shown
    assert "一班、二班、三班" in shown
    assert "一班确认收到" not in shown
    assert "四班说还没收到" in shown, "what is missing is never folded away"


def test_a_photo_comes_along_and_tells_nobody_who_took_it(cast: Cast, listening: Listening) -> None:
    photo = SimpleUploadedFile(f"{files.SECRET}.jpg", files.talkative_jpeg(), "image/jpeg")
    worker = as_user(listening.worker)
    given: dict[str, Any] = {"text": GLOVES, "level": "confidential", "kind": "suggestion"}
    given["key"] = new_key()
    for _twice in range(2):
        photo.seek(0)
        send(worker, "say", **given, photos=photo)
    kept = Attachment.objects.get()
    assert (kept.is_sealed, kept.name, kept.uploaded_by, kept.uploaded_at) == (True, "", None, None)
    made = StaffRequest.objects.get()
    assigned(made, cast, listening)
    address = reverse("attachments:file", args=[kept.pk])
    for user in (listening.worker, listening.handler, cast.officer):
        assert address in page(as_user(user), "request", made.pk), user
        assert as_user(user).get(address).status_code == 200
        listed = as_user(user).get(f"/api/v1/requests/{made.pk}/attachments/").json()
        assert [row["url"] for row in listed] == [address]
    for user in (listening.other_handler, listening.colleague, cast.sysadmin):
        assert as_user(user).get(address).status_code == 404
        assert as_user(user).get(f"/api/v1/requests/{made.pk}/attachments/").status_code == 404


def test_a_file_that_is_no_photo_is_named_and_the_words_stay(
    cast: Cast, listening: Listening
) -> None:
    worker = as_user(listening.worker)
    given: dict[str, Any] = {"text": GLOVES, "level": "named", "kind": "suggestion"}
    wrong = SimpleUploadedFile("图.svg", b"<svg onload='alert(1)'/>", "image/svg+xml")
    shown = send(worker, "say", status=400, **given, photos=wrong)
    assert "图.svg" in shown
    assert GLOVES in shown
    wrong.seek(0)
    refused = worker.post("/api/v1/requests/", given | {"photos": wrong})
    assert (refused.status_code, list(refused.json())) == (400, ["photos"])
    assert not StaffRequest.objects.exists()
    right = SimpleUploadedFile("手套.png", files.photo("PNG"), "image/png")
    made = worker.post("/api/v1/requests/", given | {"photos": right})
    assert made.status_code == 201, made.content.decode()
    assert Attachment.objects.of(StaffRequest.objects.get()).count() == 1


def test_the_numbers_of_the_board_lead_to_their_rows(cast: Cast, listening: Listening) -> None:
    done = replied(say(listening.worker), cast, listening)
    for _n in range(5):
        say(listening.colleague, f"班车少了一站，第{_n}次说")
    officer = as_user(cast.officer)
    for where in ("board", "visits"):
        shown = html.unescape(page(officer, where))
        links = re.findall(r'"(/listen/ledger/\?[^"]*counted=1[^"]*)"', shown)
        assert len(links) == (2 if where == "board" else 0), where
    counted = reverse("feedback:ledger") + "?tab=all&counted=1"
    everything = officer.get(counted).content.decode()
    assert everything.count('class="cell-title"') == 6
    changed = officer.get(f"{counted}&outcome=carried_out").content.decode()
    assert changed.count('class="cell-title"') == 1
    assert done.headline in changed
    plain = page(officer, "ledger", outcome="carried_out")
    assert done.headline in plain
    assert "班车少了一站" not in plain
    # Who may not read the ledger is led to no row of it.
    assert "counted=1" not in page(Client(), "board")
    assert "counted=1" not in page(as_user(listening.worker), "board")


def test_a_rate_says_what_it_is_a_share_of(cast: Cast, listening: Listening) -> None:
    replied(say(listening.worker), cast, listening)
    for _n in range(5):
        accepted(say(listening.colleague, f"班车少了一站，第{_n}次说"), cast)
    say(listening.colleague, "工作服洗了就缩水")
    shown = page(Client(), "board")
    assert "6 ÷ 已作受理决定 6 件" in shown
    assert "1 ÷ 收到 7 件" in shown


def test_a_sealed_matter_is_promised_no_department(listening: Listening) -> None:
    sealed = say(listening.worker, "有人在工程结算里多报了工程量。", kind="discipline")
    shown = page(as_user(listening.discipline), "request", sealed.pk)
    assert "不分派给部门" in shown
    assert "个工作日内分派" not in shown
