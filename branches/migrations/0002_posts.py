from django.db import migrations

POSTS = [
    ("secretary", "书记", 10),
    ("deputy_secretary", "副书记", 20),
    ("org_member", "组织委员", 30),
    ("publicity_member", "宣传委员", 40),
    ("discipline_member", "纪检委员", 50),
    ("youth_member", "青年委员", 60),
    ("union_member", "群工委员", 70),
    ("women_member", "妇女委员", 80),
    ("secrecy_member", "保密委员", 90),
    ("group_leader", "党小组长", 100),
]


def forwards(apps, schema_editor):
    post = apps.get_model("branches", "Post")
    post.objects.bulk_create(
        [post(code=code, name=name, sort_order=order) for code, name, order in POSTS]
    )


class Migration(migrations.Migration):
    dependencies = [("branches", "0001_initial")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
