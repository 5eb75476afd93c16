import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import feedback.keys


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("branches", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Category",
            fields=[
                (
                    "code",
                    models.CharField(
                        max_length=24, primary_key=True, serialize=False, verbose_name="代码"
                    ),
                ),
                ("name", models.CharField(max_length=20, verbose_name="名称")),
                ("sort_order", models.PositiveSmallIntegerField(default=0, verbose_name="排序")),
                ("is_active", models.BooleanField(default=True, verbose_name="在用")),
            ],
            options={
                "verbose_name": "诉求类别",
                "verbose_name_plural": "诉求类别",
                "ordering": ["sort_order", "code"],
            },
        ),
        migrations.CreateModel(
            name="Kind",
            fields=[
                (
                    "code",
                    models.CharField(
                        max_length=24, primary_key=True, serialize=False, verbose_name="代码"
                    ),
                ),
                ("name", models.CharField(max_length=20, verbose_name="名称")),
                (
                    "is_sealed",
                    models.BooleanField(
                        default=False,
                        help_text="举报、信访、涉纪：不在这里办，只由纪检查看",
                        verbose_name="只由纪检查看",
                    ),
                ),
                (
                    "right_door",
                    models.CharField(blank=True, max_length=200, verbose_name="该走的渠道"),
                ),
                ("sort_order", models.PositiveSmallIntegerField(default=0, verbose_name="排序")),
                ("is_active", models.BooleanField(default=True, verbose_name="在用")),
            ],
            options={
                "verbose_name": "诉求类型",
                "verbose_name_plural": "诉求类型",
                "ordering": ["sort_order", "code"],
            },
        ),
        migrations.CreateModel(
            name="PieceCount",
            fields=[
                ("piece", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("count", models.PositiveIntegerField()),
                ("shown", models.PositiveIntegerField(default=0)),
                ("counted_on", models.DateField()),
            ],
            options={
                "verbose_name": "词频",
                "verbose_name_plural": "词频",
            },
        ),
        migrations.CreateModel(
            name="VisitQuestion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "group",
                    models.CharField(
                        choices=[("check", "四查"), ("ask", "四问"), ("concern", "两关注")],
                        max_length=8,
                        verbose_name="组",
                    ),
                ),
                ("name", models.CharField(max_length=20, verbose_name="名称")),
                (
                    "hint",
                    models.CharField(blank=True, max_length=100, verbose_name="看什么、问什么"),
                ),
                ("sort_order", models.PositiveSmallIntegerField(default=0, verbose_name="排序")),
                ("is_active", models.BooleanField(default=True, verbose_name="在用")),
            ],
            options={
                "verbose_name": "走访提纲",
                "verbose_name_plural": "走访提纲",
                "ordering": ["sort_order", "id"],
            },
        ),
        migrations.CreateModel(
            name="Department",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40, verbose_name="名称")),
                ("sort_order", models.PositiveIntegerField(default=0, verbose_name="排序")),
                ("is_active", models.BooleanField(default=True, verbose_name="在用")),
                (
                    "committee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="departments",
                        to="branches.committee",
                        verbose_name="所属党委",
                    ),
                ),
            ],
            options={
                "verbose_name": "承办部门",
                "verbose_name_plural": "承办部门",
                "ordering": ["sort_order", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("committee", "name"),
                        name="department_name_once",
                        violation_error_message="已有同名的承办部门",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DepartmentSeat",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("head", "负责人"), ("handler", "承办人")],
                        max_length=8,
                        verbose_name="身份",
                    ),
                ),
                ("started_on", models.DateField(verbose_name="起始日期")),
                ("ended_on", models.DateField(blank=True, null=True, verbose_name="终止日期")),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seats",
                        to="feedback.department",
                        verbose_name="承办部门",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="department_seats",
                        to="branches.person",
                        verbose_name="人员",
                    ),
                ),
            ],
            options={
                "verbose_name": "承办人",
                "verbose_name_plural": "承办人",
                "ordering": ["department", "role", "id"],
                "indexes": [models.Index(fields=["person", "ended_on"], name="seats_of_person")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_on__isnull", True), ("role", "head")),
                        fields=("department",),
                        name="one_head_per_department",
                        violation_error_message="该部门已有负责人，请先终止",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_on__isnull", True)),
                        fields=("department", "person", "role"),
                        name="seat_held_once",
                        violation_error_message="该同志已在这个部门任此身份",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_on__isnull", True),
                            ("ended_on__gte", models.F("started_on")),
                            _connector="OR",
                        ),
                        name="seat_dates_in_order",
                        violation_error_message="结束日期不能早于开始日期",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ListeningPolicy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "accept_workdays",
                    models.PositiveSmallIntegerField(default=1, verbose_name="受理（工作日）"),
                ),
                (
                    "assign_workdays",
                    models.PositiveSmallIntegerField(default=1, verbose_name="分派（工作日）"),
                ),
                (
                    "ordinary_workdays",
                    models.PositiveSmallIntegerField(default=7, verbose_name="一般事项（工作日）"),
                ),
                (
                    "complex_workdays",
                    models.PositiveSmallIntegerField(default=15, verbose_name="复杂事项（工作日）"),
                ),
                (
                    "result_workdays",
                    models.PositiveSmallIntegerField(default=22, verbose_name="办出结果（工作日）"),
                ),
                (
                    "call_back_workdays",
                    models.PositiveSmallIntegerField(default=5, verbose_name="等待评价（工作日）"),
                ),
                (
                    "remind_workdays",
                    models.PositiveSmallIntegerField(default=2, verbose_name="提前提醒（工作日）"),
                ),
                (
                    "announce_workdays",
                    models.PositiveSmallIntegerField(
                        default=3, verbose_name="接待日公告提前（工作日）"
                    ),
                ),
                (
                    "second_look_days",
                    models.PositiveSmallIntegerField(default=30, verbose_name="再次回访（天）"),
                ),
                (
                    "smallest_cell",
                    models.PositiveSmallIntegerField(
                        default=5,
                        help_text="统计里少于这个数的格子不显示",
                        verbose_name="统计最小格",
                    ),
                ),
                (
                    "committee",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="listening_policy",
                        to="branches.committee",
                        verbose_name="党委",
                    ),
                ),
            ],
            options={
                "verbose_name": "办理时限",
                "verbose_name_plural": "办理时限",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("smallest_cell__gte", 2)),
                        name="smallest_cell_hides_one",
                        violation_error_message="统计最小格至少为2，否则等于公布个人",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ListeningSession",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=feedback.keys.new_key,
                        editable=False,
                        max_length=16,
                        primary_key=True,
                        serialize=False,
                        verbose_name="编号",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("reception", "书记接待日"),
                            ("forum", "座谈会"),
                            ("team_visit", "走访班组"),
                            ("three_meetings", "问诊三会一课"),
                        ],
                        default="reception",
                        max_length=16,
                        verbose_name="形式",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("planned", "筹备中"),
                            ("announced", "已公告"),
                            ("held", "已举行，待公布结果"),
                            ("published", "结果已公布"),
                            ("cancelled", "已取消"),
                        ],
                        default="planned",
                        max_length=12,
                        verbose_name="状态",
                    ),
                ),
                ("held_on", models.DateField(verbose_name="日期")),
                ("starts_at", models.TimeField(verbose_name="开始")),
                ("ends_at", models.TimeField(verbose_name="结束")),
                ("place", models.CharField(max_length=60, verbose_name="地点")),
                (
                    "leader_title",
                    models.CharField(
                        help_text="公告里写的职务，如“公司党委书记”",
                        max_length=40,
                        verbose_name="接待",
                    ),
                ),
                ("rule", models.CharField(blank=True, max_length=40, verbose_name="固定时间")),
                ("topic", models.CharField(blank=True, max_length=100, verbose_name="主题")),
                (
                    "announced_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="公告时间"),
                ),
                ("minutes", models.TextField(blank=True, max_length=4000, verbose_name="纪要")),
                (
                    "results",
                    models.TextField(blank=True, max_length=2000, verbose_name="公布的结果"),
                ),
                (
                    "published_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="公布时间"),
                ),
                (
                    "cancel_reason",
                    models.CharField(blank=True, max_length=300, verbose_name="取消的理由"),
                ),
                ("version", models.PositiveIntegerField(default=1, verbose_name="版本")),
                (
                    "committee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sessions",
                        to="branches.committee",
                        verbose_name="党委",
                    ),
                ),
                (
                    "departments",
                    models.ManyToManyField(
                        blank=True,
                        related_name="sessions",
                        to="feedback.department",
                        verbose_name="到场部门",
                    ),
                ),
                (
                    "leader",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="branches.person",
                        verbose_name="接待领导",
                    ),
                ),
            ],
            options={
                "verbose_name": "接待场次",
                "verbose_name_plural": "接待场次",
                "ordering": ["-held_on", "-starts_at", "id"],
                "indexes": [models.Index(fields=["committee", "held_on"], name="sessions_by_day")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                        name="session_ends_after_start",
                        violation_error_message="结束时间须晚于开始时间",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "published"), _negated=True),
                            ("published_at__isnull", False),
                            _connector="OR",
                        ),
                        name="published_session_has_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StaffRequest",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=feedback.keys.new_key,
                        editable=False,
                        max_length=16,
                        primary_key=True,
                        serialize=False,
                        verbose_name="编号",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("online", "线上提交"),
                            ("reception", "接待日现场"),
                            ("forum", "座谈会"),
                            ("team_visit", "走访班组"),
                            ("three_meetings", "问诊三会一课"),
                            ("visit", "百名干部走千家"),
                            ("link_visit", "挂点调研"),
                            ("mailbox", "书记信箱"),
                            ("phone", "电话"),
                            ("box", "意见箱"),
                        ],
                        default="online",
                        max_length=16,
                        verbose_name="来源",
                    ),
                ),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("named", "实名"),
                            ("confidential", "对承办部门匿名"),
                            ("anonymous", "完全匿名"),
                        ],
                        max_length=12,
                        verbose_name="让谁知道",
                    ),
                ),
                ("text", models.TextField(max_length=2000, verbose_name="说了什么")),
                ("headline", models.CharField(blank=True, max_length=60, verbose_name="标题")),
                ("submitted_on", models.DateField(verbose_name="提交日期")),
                (
                    "submitted_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="提交时间"),
                ),
                ("released_on", models.DateField(verbose_name="交办公室日期")),
                ("is_sealed", models.BooleanField(default=False, verbose_name="只由纪检查看")),
                (
                    "receipt_digest",
                    models.CharField(
                        blank=True,
                        editable=False,
                        max_length=64,
                        null=True,
                        unique=True,
                        verbose_name="查询码摘要",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("submitted", "待受理"),
                            ("accepted", "已受理，待分派"),
                            ("assigned", "办理中"),
                            ("replied", "已答复，等您评价"),
                            ("reopened", "重办中"),
                            ("appealed", "待书记裁定"),
                            ("closed", "已办结"),
                            ("declined", "不予受理"),
                            ("merged", "已并案"),
                            ("withdrawn", "已撤回"),
                        ],
                        default="submitted",
                        max_length=12,
                        verbose_name="状态",
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("carried_out", "已整改"),
                            ("planned", "列入计划"),
                            ("explained", "已解释"),
                            ("not_adopted", "不采纳"),
                        ],
                        max_length=12,
                        verbose_name="结果",
                    ),
                ),
                (
                    "urgency",
                    models.CharField(
                        choices=[("ordinary", "一般"), ("complex", "复杂"), ("urgent", "紧急")],
                        default="ordinary",
                        max_length=8,
                        verbose_name="缓急",
                    ),
                ),
                (
                    "decline_reason",
                    models.CharField(blank=True, max_length=500, verbose_name="不予受理的理由"),
                ),
                ("accept_due_on", models.DateField(verbose_name="受理期限")),
                ("assign_due_on", models.DateField(blank=True, null=True, verbose_name="分派期限")),
                ("reply_due_on", models.DateField(blank=True, null=True, verbose_name="答复期限")),
                ("result_due_on", models.DateField(blank=True, null=True, verbose_name="结果期限")),
                ("rate_due_on", models.DateField(blank=True, null=True, verbose_name="评价截止")),
                (
                    "accepted_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="受理时间"),
                ),
                (
                    "assigned_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="分派时间"),
                ),
                (
                    "replied_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="答复时间"),
                ),
                (
                    "replied_on",
                    models.DateField(blank=True, null=True, verbose_name="首次答复日期"),
                ),
                (
                    "replied_in_time",
                    models.BooleanField(blank=True, null=True, verbose_name="按时答复"),
                ),
                ("closed_on", models.DateField(blank=True, null=True, verbose_name="办结日期")),
                (
                    "carried_out_on",
                    models.DateField(blank=True, null=True, verbose_name="整改日期"),
                ),
                (
                    "last_rating",
                    models.CharField(
                        blank=True,
                        choices=[("solved", "解决了"), ("half", "解决了一半"), ("not", "没解决")],
                        editable=False,
                        max_length=8,
                        verbose_name="最近一次评价",
                    ),
                ),
                (
                    "reopened_on",
                    models.DateField(blank=True, null=True, verbose_name="要求重办日期"),
                ),
                ("version", models.PositiveIntegerField(default=1, verbose_name="版本")),
                (
                    "category",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requests",
                        to="feedback.category",
                        verbose_name="类别",
                    ),
                ),
                (
                    "committee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requests",
                        to="branches.committee",
                        verbose_name="党委",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requests",
                        to="feedback.department",
                        verbose_name="承办部门",
                    ),
                ),
                (
                    "helpers",
                    models.ManyToManyField(
                        blank=True,
                        related_name="helps_with",
                        to="feedback.department",
                        verbose_name="协办部门",
                    ),
                ),
                (
                    "kind",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requests",
                        to="feedback.kind",
                        verbose_name="类型",
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged",
                        to="feedback.staffrequest",
                        verbose_name="并入",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="记录人",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requests",
                        to="feedback.listeningsession",
                        verbose_name="场次",
                    ),
                ),
            ],
            options={
                "verbose_name": "职工诉求",
                "verbose_name_plural": "职工诉求",
                "ordering": ["-submitted_on", "id"],
                "indexes": [
                    models.Index(
                        fields=["committee", "status", "reply_due_on"], name="requests_by_clock"
                    ),
                    models.Index(fields=["committee", "submitted_on"], name="requests_by_day"),
                    models.Index(fields=["department", "status"], name="requests_of_department"),
                    models.Index(fields=["-closed_on", "id"], name="requests_by_end"),
                    models.Index(
                        fields=["committee", "is_sealed", "status", "released_on"],
                        name="requests_by_state",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("level", "anonymous"), _negated=True),
                            models.Q(("recorded_by__isnull", True), ("submitted_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="anonymous_has_date_only",
                        violation_error_message="匿名诉求只记日期，不记时间和人",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "declined"), _negated=True),
                            models.Q(("decline_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="declined_says_why",
                        violation_error_message="不予受理须说明理由",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("status__in", ["assigned", "reopened", "replied", "appealed"]),
                                _negated=True,
                            ),
                            models.Q(
                                ("department__isnull", False), ("reply_due_on__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="assigned_has_department",
                        violation_error_message="分派后须有承办部门和期限",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("merged_into__isnull", True), ("status", "merged"), _connector="OR"
                        ),
                        name="merged_has_main",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "replied"), _negated=True),
                            models.Q(("outcome", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="replied_has_outcome",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Promise",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=feedback.keys.new_key,
                        editable=False,
                        max_length=16,
                        primary_key=True,
                        serialize=False,
                        verbose_name="编号",
                    ),
                ),
                ("what", models.CharField(max_length=200, verbose_name="承诺什么")),
                ("due_on", models.DateField(verbose_name="兑现期限")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("promised", "已承诺"),
                            ("ordered", "已下单"),
                            ("delivered", "已送达，等大家确认"),
                            ("confirmed", "大家已确认"),
                            ("recalled", "已收回"),
                        ],
                        default="promised",
                        max_length=12,
                        verbose_name="状态",
                    ),
                ),
                ("promised_at", models.DateTimeField(verbose_name="承诺时间")),
                (
                    "ordered_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="下单时间"),
                ),
                (
                    "delivered_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="送达时间"),
                ),
                (
                    "delivery_note",
                    models.CharField(blank=True, max_length=200, verbose_name="送达情况"),
                ),
                ("confirm_by", models.DateField(blank=True, null=True, verbose_name="确认截止")),
                ("confirmed_on", models.DateField(blank=True, null=True, verbose_name="确认日期")),
                (
                    "recall_reason",
                    models.CharField(blank=True, max_length=300, verbose_name="收回的理由"),
                ),
                ("version", models.PositiveIntegerField(default=1, verbose_name="版本")),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="promises",
                        to="feedback.department",
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="promises",
                        to="feedback.staffrequest",
                    ),
                ),
            ],
            options={
                "verbose_name": "承诺",
                "verbose_name_plural": "承诺",
                "ordering": ["due_on", "id"],
                "indexes": [models.Index(fields=["status", "due_on"], name="promises_by_clock")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status__in", ["delivered", "confirmed"]), _negated=True),
                            ("delivered_at__isnull", False),
                            _connector="OR",
                        ),
                        name="delivered_promise_has_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "confirmed"), _negated=True),
                            ("confirmed_on__isnull", False),
                            _connector="OR",
                        ),
                        name="confirmed_promise_has_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "recalled"), _negated=True),
                            models.Q(("recall_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="recalled_promise_says_why",
                        violation_error_message="收回承诺须说明理由",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PromiseTeam",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="班组")),
                ("has_arrived", models.BooleanField(blank=True, null=True, verbose_name="收到了")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="说明")),
                ("answered_on", models.DateField(blank=True, null=True, verbose_name="确认日期")),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "promise",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="teams",
                        to="feedback.promise",
                    ),
                ),
            ],
            options={
                "verbose_name": "待确认的班组",
                "verbose_name_plural": "待确认的班组",
                "ordering": ["promise", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("promise", "name"), name="team_once_per_promise"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReplyTemplate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=30, verbose_name="名称")),
                ("text", models.TextField(max_length=1000, verbose_name="正文")),
                ("sort_order", models.PositiveSmallIntegerField(default=0, verbose_name="排序")),
                ("is_active", models.BooleanField(default=True, verbose_name="在用")),
                (
                    "committee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reply_templates",
                        to="branches.committee",
                        verbose_name="党委",
                    ),
                ),
            ],
            options={
                "verbose_name": "答复模板",
                "verbose_name_plural": "答复模板",
                "ordering": ["sort_order", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("committee", "name"), name="template_name_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="SimilarText",
            fields=[
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="similar_text",
                        serialize=False,
                        to="feedback.staffrequest",
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("shown", models.TextField(blank=True)),
                ("inner", models.TextField(blank=True)),
            ],
            options={
                "verbose_name": "相似查找",
                "verbose_name_plural": "相似查找",
            },
        ),
        migrations.CreateModel(
            name="RequestEvent",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=feedback.keys.new_key,
                        editable=False,
                        max_length=16,
                        primary_key=True,
                        serialize=False,
                        verbose_name="编号",
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="序号")),
                ("code", models.CharField(max_length=24, verbose_name="事项")),
                ("text", models.CharField(max_length=500, verbose_name="内容")),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="说明")),
                ("on", models.DateField(verbose_name="日期")),
                ("at", models.DateTimeField(blank=True, null=True, verbose_name="时间")),
                ("actor_office", models.CharField(blank=True, max_length=40, verbose_name="谁")),
                ("is_inner", models.BooleanField(default=False, verbose_name="内部")),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="feedback.staffrequest",
                    ),
                ),
            ],
            options={
                "verbose_name": "办理过程",
                "verbose_name_plural": "办理过程",
                "ordering": ["request", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("request", "number"), name="event_number_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("actor__isnull", True), ("at__isnull", False), _connector="OR"
                        ),
                        name="event_actor_has_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Reply",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=feedback.keys.new_key,
                        editable=False,
                        max_length=16,
                        primary_key=True,
                        serialize=False,
                        verbose_name="编号",
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="第几次")),
                ("text", models.TextField(max_length=2000, verbose_name="答复")),
                ("before", models.CharField(blank=True, max_length=200, verbose_name="原来")),
                ("after", models.CharField(blank=True, max_length=200, verbose_name="现在")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("carried_out", "已整改"),
                            ("planned", "列入计划"),
                            ("explained", "已解释"),
                            ("not_adopted", "不采纳"),
                        ],
                        max_length=12,
                        verbose_name="结果",
                    ),
                ),
                ("replied_at", models.DateTimeField(verbose_name="答复时间")),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replies",
                        to="feedback.department",
                    ),
                ),
                (
                    "replied_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replies",
                        to="feedback.staffrequest",
                    ),
                ),
            ],
            options={
                "verbose_name": "答复",
                "verbose_name_plural": "答复",
                "ordering": ["request", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("request", "number"), name="reply_number_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Rating",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=feedback.keys.new_key,
                        editable=False,
                        max_length=16,
                        primary_key=True,
                        serialize=False,
                        verbose_name="编号",
                    ),
                ),
                (
                    "look",
                    models.CharField(
                        choices=[("first", "答复后"), ("again", "重办答复后"), ("later", "30天后")],
                        max_length=8,
                        verbose_name="第几次",
                    ),
                ),
                (
                    "solved",
                    models.CharField(
                        choices=[("solved", "解决了"), ("half", "解决了一半"), ("not", "没解决")],
                        max_length=8,
                        verbose_name="解决了没有",
                    ),
                ),
                ("is_answered", models.BooleanField(verbose_name="答到点上了")),
                ("comment", models.CharField(blank=True, max_length=500, verbose_name="还想说")),
                ("rated_on", models.DateField(verbose_name="评价日期")),
                ("is_author", models.BooleanField(default=True, verbose_name="诉求人本人")),
                (
                    "rater",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ratings",
                        to="feedback.staffrequest",
                    ),
                ),
            ],
            options={
                "verbose_name": "回访评价",
                "verbose_name_plural": "回访评价",
                "ordering": ["request", "rated_on", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_author", True)),
                        fields=("request", "look"),
                        name="author_rates_once",
                        violation_error_message="您已经评价过了",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Publication",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("said", models.CharField(max_length=200, verbose_name="说了什么")),
                ("changed", models.CharField(max_length=200, verbose_name="改了什么")),
                ("detail", models.CharField(blank=True, max_length=200, verbose_name="补充")),
                (
                    "who",
                    models.CharField(
                        blank=True,
                        help_text="不写姓名和五人以下的班组",
                        max_length=40,
                        verbose_name="谁说的",
                    ),
                ),
                ("published_at", models.DateTimeField(verbose_name="公开时间")),
                ("is_featured", models.BooleanField(default=False, verbose_name="放在最上面")),
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="publication",
                        to="feedback.staffrequest",
                    ),
                ),
            ],
            options={
                "verbose_name": "公开看板",
                "verbose_name_plural": "公开看板",
                "ordering": ["-published_at", "-id"],
                "indexes": [
                    models.Index(
                        fields=["-is_featured", "-published_at", "-id"],
                        name="publications_as_shown",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Pause",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=300, verbose_name="理由")),
                ("started_on", models.DateField(verbose_name="开始")),
                ("ended_on", models.DateField(blank=True, null=True, verbose_name="结束")),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pauses",
                        to="feedback.staffrequest",
                    ),
                ),
            ],
            options={
                "verbose_name": "暂停计时",
                "verbose_name_plural": "暂停计时",
                "ordering": ["started_on", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_on__isnull", True)),
                        fields=("request",),
                        name="one_pause_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="pause_has_reason"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NameView",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="为什么看")),
                ("viewed_at", models.DateTimeField(verbose_name="时间")),
                (
                    "viewer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="name_views",
                        to="feedback.staffrequest",
                    ),
                ),
            ],
            options={
                "verbose_name": "查看姓名记录",
                "verbose_name_plural": "查看姓名记录",
                "ordering": ["-viewed_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="MeToo",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("on", models.DateField(verbose_name="日期")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="me_toos",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="me_toos",
                        to="feedback.staffrequest",
                    ),
                ),
            ],
            options={
                "verbose_name": "我也遇到",
                "verbose_name_plural": "我也遇到",
                "constraints": [
                    models.UniqueConstraint(fields=("request", "user"), name="me_too_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=feedback.keys.new_key,
                        editable=False,
                        max_length=16,
                        primary_key=True,
                        serialize=False,
                        verbose_name="编号",
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="序号")),
                ("is_from_author", models.BooleanField(verbose_name="诉求人说的")),
                ("office", models.CharField(blank=True, max_length=40, verbose_name="谁")),
                ("text", models.TextField(max_length=2000, verbose_name="内容")),
                ("on", models.DateField(verbose_name="日期")),
                ("at", models.DateTimeField(blank=True, null=True, verbose_name="时间")),
                (
                    "sent_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="messages",
                        to="feedback.staffrequest",
                    ),
                ),
            ],
            options={
                "verbose_name": "对话",
                "verbose_name_plural": "对话",
                "ordering": ["request", "number"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("request", "number"), name="message_number_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Extension",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=300, verbose_name="理由")),
                ("asked_at", models.DateTimeField(verbose_name="申请时间")),
                ("old_due_on", models.DateField(verbose_name="原期限")),
                ("new_due_on", models.DateField(verbose_name="新期限")),
                ("granted", models.BooleanField(blank=True, null=True, verbose_name="同意")),
                (
                    "decided_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="决定时间"),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="extension",
                        to="feedback.staffrequest",
                    ),
                ),
            ],
            options={
                "verbose_name": "延期",
                "verbose_name_plural": "延期",
            },
        ),
        migrations.CreateModel(
            name="Authorship",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=40, verbose_name="姓名")),
                ("contact", models.CharField(blank=True, max_length=60, verbose_name="联系方式")),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="authored_requests",
                        to="branches.person",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="authored_requests",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="authorship",
                        to="feedback.staffrequest",
                    ),
                ),
            ],
            options={
                "verbose_name": "诉求人",
                "verbose_name_plural": "诉求人",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("user__isnull", False),
                            ("person__isnull", False),
                            models.Q(("name", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="authorship_names_somebody",
                        violation_error_message="请写明是谁说的，或选“完全匿名”",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Slot",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=feedback.keys.new_key,
                        editable=False,
                        max_length=16,
                        primary_key=True,
                        serialize=False,
                        verbose_name="编号",
                    ),
                ),
                ("starts_at", models.TimeField(verbose_name="时间")),
                ("is_confidential", models.BooleanField(default=False, verbose_name="不公开姓名")),
                ("topic", models.CharField(blank=True, max_length=100, verbose_name="想谈什么")),
                ("booked_at", models.DateTimeField(blank=True, null=True, verbose_name="预约时间")),
                (
                    "booked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="booked_slots",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="slots",
                        to="feedback.listeningsession",
                    ),
                ),
            ],
            options={
                "verbose_name": "预约时段",
                "verbose_name_plural": "预约时段",
                "ordering": ["session", "starts_at"],
                "constraints": [
                    models.UniqueConstraint(fields=("session", "starts_at"), name="slot_time_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("booked_by__isnull", False)),
                        fields=("session", "booked_by"),
                        name="one_slot_per_person",
                        violation_error_message="您在这一场已经约了一个时间",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SupervisionOrder",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=feedback.keys.new_key,
                        editable=False,
                        max_length=16,
                        primary_key=True,
                        serialize=False,
                        verbose_name="编号",
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="年份")),
                ("number", models.PositiveIntegerField(verbose_name="序号")),
                ("demand", models.CharField(max_length=300, verbose_name="督办要求")),
                ("due_on", models.DateField(verbose_name="期限")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "督办中"),
                            ("reported", "待销号"),
                            ("struck_off", "已销号"),
                        ],
                        default="open",
                        max_length=12,
                        verbose_name="状态",
                    ),
                ),
                ("issued_at", models.DateTimeField(verbose_name="发出时间")),
                ("result", models.CharField(blank=True, max_length=500, verbose_name="办理结果")),
                (
                    "reported_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="上报时间"),
                ),
                (
                    "struck_off_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="销号时间"),
                ),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="orders",
                        to="feedback.department",
                    ),
                ),
                (
                    "issued_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="orders",
                        to="feedback.staffrequest",
                    ),
                ),
                (
                    "struck_off_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "督办单",
                "verbose_name_plural": "督办单",
                "ordering": ["-year", "-number"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "struck_off"), _negated=True),
                        fields=("request",),
                        name="one_open_order_per_request",
                        violation_error_message="这件事已有一张未销号的督办单",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "struck_off"), _negated=True),
                            ("struck_off_at__isnull", False),
                            _connector="OR",
                        ),
                        name="struck_off_has_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="VisitCampaign",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40, verbose_name="名称")),
                ("started_on", models.DateField(verbose_name="开始")),
                ("ended_on", models.DateField(verbose_name="结束")),
                ("goal", models.PositiveIntegerField(default=1000, verbose_name="目标人次")),
                (
                    "committee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="campaigns",
                        to="branches.committee",
                        verbose_name="党委",
                    ),
                ),
            ],
            options={
                "verbose_name": "走访活动",
                "verbose_name_plural": "走访活动",
                "ordering": ["-started_on", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ended_on__gte", models.F("started_on"))),
                        name="campaign_dates_in_order",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="VisitPlace",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("station", "供电所"),
                            ("team", "班组"),
                            ("project", "重点工程"),
                            ("government", "政府部门"),
                            ("enterprise", "重点企业"),
                        ],
                        max_length=12,
                        verbose_name="类别",
                    ),
                ),
                ("name", models.CharField(max_length=40, verbose_name="名称")),
                (
                    "headcount",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="人数"),
                ),
                ("sort_order", models.PositiveIntegerField(default=0, verbose_name="排序")),
                ("is_active", models.BooleanField(default=True, verbose_name="在用")),
                (
                    "branch",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visit_places",
                        to="branches.branch",
                        verbose_name="所在支部",
                    ),
                ),
                (
                    "committee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visit_places",
                        to="branches.committee",
                        verbose_name="党委",
                    ),
                ),
            ],
            options={
                "verbose_name": "走访对象",
                "verbose_name_plural": "走访对象",
                "ordering": ["kind", "sort_order", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("committee", "name"),
                        name="visit_place_once",
                        violation_error_message="已有同名的走访对象",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StaffVisit",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=feedback.keys.new_key,
                        editable=False,
                        max_length=16,
                        primary_key=True,
                        serialize=False,
                        verbose_name="编号",
                    ),
                ),
                ("companions", models.CharField(blank=True, max_length=100, verbose_name="同行")),
                ("whom", models.CharField(blank=True, max_length=60, verbose_name="见了谁")),
                ("met_count", models.PositiveSmallIntegerField(default=1, verbose_name="见了几人")),
                (
                    "mode",
                    models.CharField(
                        choices=[
                            ("on_site", "到现场"),
                            ("home", "家访"),
                            ("meeting", "座谈"),
                            ("phone", "电话"),
                        ],
                        default="on_site",
                        max_length=8,
                        verbose_name="方式",
                    ),
                ),
                ("visited_on", models.DateField(verbose_name="日期")),
                ("topics", models.CharField(blank=True, max_length=500, verbose_name="谈了什么")),
                ("recorded_at", models.DateTimeField(verbose_name="记录时间")),
                (
                    "committee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="staff_visits",
                        to="branches.committee",
                        verbose_name="党委",
                    ),
                ),
                (
                    "led_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits_led",
                        to="branches.person",
                        verbose_name="走访人",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="feedback.visitcampaign",
                        verbose_name="活动",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="feedback.visitplace",
                        verbose_name="去了哪里",
                    ),
                ),
            ],
            options={
                "verbose_name": "走访",
                "verbose_name_plural": "走访",
                "ordering": ["-visited_on", "id"],
                "indexes": [
                    models.Index(fields=["committee", "visited_on"], name="visits_by_day"),
                    models.Index(fields=["place", "visited_on"], name="visits_of_place"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("place__isnull", False),
                            models.Q(("whom", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="visit_leads_somewhere",
                        violation_error_message="请选去了哪里，或填见了谁",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("met_count__gte", 1)),
                        name="visit_met_somebody",
                        violation_error_message="至少见了1人",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="VisitNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField(max_length=1000, verbose_name="私记")),
                (
                    "visit",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="note",
                        to="feedback.staffvisit",
                    ),
                ),
            ],
            options={
                "verbose_name": "走访私记",
                "verbose_name_plural": "走访私记",
            },
        ),
        migrations.CreateModel(
            name="LinkAssignment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("branch", "挂党支部"),
                            ("team", "挂供电所、班组"),
                            ("project", "挂重点工程"),
                            ("government", "联政府部门"),
                            ("enterprise", "联重点企业"),
                            ("staff", "联职工"),
                        ],
                        max_length=12,
                        verbose_name="挂联",
                    ),
                ),
                (
                    "times_a_year",
                    models.PositiveSmallIntegerField(default=4, verbose_name="每年次数"),
                ),
                ("started_on", models.DateField(verbose_name="起始日期")),
                ("ended_on", models.DateField(blank=True, null=True, verbose_name="终止日期")),
                (
                    "branch",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="links",
                        to="branches.branch",
                    ),
                ),
                (
                    "committee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="links",
                        to="branches.committee",
                        verbose_name="党委",
                    ),
                ),
                (
                    "leader",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="links",
                        to="branches.person",
                        verbose_name="领导",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="linked_by",
                        to="branches.person",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="links",
                        to="feedback.visitplace",
                    ),
                ),
            ],
            options={
                "verbose_name": "三挂三联",
                "verbose_name_plural": "三挂三联",
                "ordering": ["leader", "kind", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("branch__isnull", False),
                                ("kind", "branch"),
                                ("person__isnull", True),
                                ("place__isnull", True),
                            ),
                            models.Q(
                                ("branch__isnull", True),
                                ("kind", "staff"),
                                ("person__isnull", False),
                                ("place__isnull", True),
                            ),
                            models.Q(
                                models.Q(("kind__in", ["branch", "staff"]), _negated=True),
                                ("branch__isnull", True),
                                ("person__isnull", True),
                                ("place__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="link_leads_to_one",
                        violation_error_message="请选挂联到哪里：支部、对象或职工",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_on__isnull", True),
                            ("ended_on__gte", models.F("started_on")),
                            _connector="OR",
                        ),
                        name="link_dates_in_order",
                        violation_error_message="结束日期不能早于开始日期",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("branch__isnull", False), ("ended_on__isnull", True)),
                        fields=("leader", "kind", "branch"),
                        name="one_link_to_branch",
                        violation_error_message="这位领导已挂这个支部",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_on__isnull", True), ("place__isnull", False)),
                        fields=("leader", "kind", "place"),
                        name="one_link_to_place",
                        violation_error_message="这位领导已挂联这里",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_on__isnull", True), ("person__isnull", False)),
                        fields=("leader", "kind", "person"),
                        name="one_link_to_person",
                        violation_error_message="这位领导已联系这位职工",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="VisitAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("is_finding", models.BooleanField(default=False, verbose_name="有问题")),
                ("text", models.CharField(blank=True, max_length=300, verbose_name="所见所闻")),
                (
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answers",
                        to="feedback.staffvisit",
                    ),
                ),
                (
                    "question",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="feedback.visitquestion",
                    ),
                ),
            ],
            options={
                "verbose_name": "走访所见",
                "verbose_name_plural": "走访所见",
                "ordering": ["visit", "question__sort_order"],
                "constraints": [
                    models.UniqueConstraint(fields=("visit", "question"), name="visit_answer_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_finding", False),
                            models.Q(("text", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="visit_finding_says_what",
                        violation_error_message="有问题的，请写明是什么",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="VisitRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visit_link",
                        to="feedback.staffrequest",
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="brought_back",
                        to="feedback.staffvisit",
                    ),
                ),
            ],
            options={
                "verbose_name": "走访带回的诉求",
                "verbose_name_plural": "走访带回的诉求",
            },
        ),
    ]
