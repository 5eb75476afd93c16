from django.db import migrations

from portal.kernel.triggers import Refuse

KINDS = [
    ("suggestion", "建议", False, "", 10),
    ("opinion", "意见", False, "", 20),
    ("help", "求助", False, "", 30),
    ("question", "咨询", False, "", 40),
    (
        "discipline",
        "举报、涉纪",
        True,
        "违纪违法问题请直接向公司纪委反映；留在这里的，只有纪检专责看得到。",
        50,
    ),
    (
        "petition",
        "信访",
        True,
        "信访事项请走信访渠道，15日内告知是否受理，60日内办结；留在这里的，只有纪检专责看得到。",
        60,
    ),
]
CATEGORIES = [
    ("protection", "劳动保护与物资"),
    ("safety", "安全生产"),
    ("pay", "薪酬福利"),
    ("growth", "职业发展与培训"),
    ("logistics", "后勤生活"),
    ("burden", "管理流程与减负"),
    ("party", "党建与群团"),
    ("health", "身心健康与家庭困难"),
    ("business", "企业发展建议"),
    ("other", "其他"),
]
# domain.md 6.3: a sensible reading where no text is public; to be edited by the company.
QUESTIONS = [
    ("check", "查安全", "现场作业、工器具、交通、消防"),
    ("check", "查服务", "报装、抢修、投诉、窗口"),
    ("check", "查党建", "三会一课、主题党日、责任区"),
    ("check", "查作风", "纪律、推诿、吃拿卡要"),
    ("ask", "问需求", "干活缺什么"),
    ("ask", "问困难", "家里和岗位上的难处"),
    ("ask", "问建议", "哪里可以改"),
    ("ask", "问思想", "最近在想什么、担心什么"),
    ("concern", "关注思想动态", "情绪、想法有没有变化"),
    ("concern", "关注身心健康", "身体、家庭、压力"),
]
ANONYMOUS = (  # a condition over NEW, for both databases
    "EXISTS (SELECT 1 FROM feedback_staffrequest r "
    "WHERE r.id = NEW.request_id AND r.level = 'anonymous')"
)


def forwards(apps, schema_editor):
    kind = apps.get_model("feedback", "Kind")
    kind.objects.bulk_create(
        [
            kind(code=code, name=name, is_sealed=sealed, right_door=door, sort_order=order)
            for code, name, sealed, door, order in KINDS
        ]
    )
    category = apps.get_model("feedback", "Category")
    category.objects.bulk_create(
        [
            category(code=code, name=name, sort_order=10 * number)
            for number, (code, name) in enumerate(CATEGORIES, start=1)
        ]
    )
    question = apps.get_model("feedback", "VisitQuestion")
    question.objects.bulk_create(
        [
            question(group=group, name=name, hint=hint, sort_order=10 * number)
            for number, (group, name, hint) in enumerate(QUESTIONS, start=1)
        ]
    )


class Migration(migrations.Migration):
    dependencies = [("feedback", "0001_initial")]

    operations = [
        migrations.RunPython(forwards, migrations.RunPython.noop),
        Refuse(
            "feedback_authorship",
            "INSERT",
            "anonymous_has_no_author",
            "an anonymous request has no author",
            ANONYMOUS,
        ),
        Refuse(
            "feedback_authorship",
            "UPDATE",
            "anonymous_gets_no_author",
            "an anonymous request has no author",
            ANONYMOUS,
        ),
        Refuse(
            "feedback_message",
            "INSERT",
            "anonymous_message_date_only",
            "an anonymous author leaves the date alone",
            f"NEW.is_from_author AND (NEW.at IS NOT NULL OR NEW.sent_by_id IS NOT NULL) "
            f"AND {ANONYMOUS}",
        ),
        Refuse(
            "feedback_rating",
            "INSERT",
            "anonymous_rating_no_rater",
            "an anonymous author leaves the date alone",
            f"NEW.is_author AND NEW.rater_id IS NOT NULL AND {ANONYMOUS}",
        ),
        Refuse(
            "feedback_requestevent", "UPDATE", "event_never_changed", "history is appended only"
        ),
        Refuse(
            "feedback_requestevent", "DELETE", "event_never_deleted", "history is appended only"
        ),
    ]
