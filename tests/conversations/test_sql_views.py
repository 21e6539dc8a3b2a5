"""What an application reads: the views, as scimd-sql(7) describes them."""

import json
import re

import pytest

from daemon import SOURCE
from people import changes, make_group, make_user, path_of
from scimclient import patch_op

PAGE = SOURCE / "docs" / "man" / "scimd-sql.7"


def documented():
    """{view: [column]} as the manual has them."""
    views = {}
    for section in re.split(r"^\.Ss ", PAGE.read_text(), flags=re.MULTILINE)[1:]:
        section = section.split("\n.Sh ")[0]
        views[section.split("\n")[0]] = re.findall(r"^\.It Li (\w+)$", section, re.MULTILINE)
    return views


class Reader:
    """An application with read access to the tenant's database and nothing else."""

    def __init__(self, tenant):
        row = tenant.daemon.administer("GET", f"/tenants/{tenant.name}")
        self.engine = tenant.daemon.engine
        self.number = row["number"]
        self._connection = self.engine.reader(row["database"])

    def execute(self, sql, values=()):
        cursor = self._connection.cursor()
        cursor.execute(sql, values)
        return cursor

    def columns(self, view):
        return [column[0] for column in self.execute(f"SELECT * FROM {view} LIMIT 0").description]

    def views(self):
        """Those of the contract: a name with scimd_ is the daemon's own."""
        return {name for name, in self.execute(self.engine.views_of).fetchall() if not name.startswith("scimd_")}

    def rows(self, view, order):
        found = self.execute(f"SELECT * FROM {view} WHERE tenant_id = {self.engine.marker} ORDER BY {order}", (self.number,))
        names = [column[0] for column in found.description]
        return [dict(zip(names, row)) for row in found.fetchall()]


@pytest.fixture
def reader(tenant):
    return Reader(tenant)


def test_the_manual_names_every_view(reader):
    assert set(documented()) == reader.views()


@pytest.mark.parametrize("view", sorted(documented()))
def test_the_manual_names_every_column(reader, view):
    assert documented()[view] == reader.columns(view)


def test_a_person(scim, reader):
    user = make_user(
        scim, "Ada@Example.com", externalId="e-1", active=True, displayName="Ada L.", title="Countess", userType="Employee",
        preferredLanguage="en", locale="en-GB", timezone="Europe/London",
        name={"givenName": "Ada", "familyName": "Lovelace", "formatted": "Ada Lovelace"},
        emails=[{"value": "home@example.com", "type": "home"}, {"value": "work@example.com", "type": "work", "primary": True}],
    )
    assert reader.rows("scim_users", "id") == [{
        "tenant_id": reader.number, "id": user["id"], "user_name": "Ada@Example.com", "external_id": "e-1", "active": 1,
        "display_name": "Ada L.", "given_name": "Ada", "family_name": "Lovelace", "formatted_name": "Ada Lovelace",
        "title": "Countess", "user_type": "Employee", "preferred_language": "en", "locale": "en-GB",
        "timezone": "Europe/London", "primary_email": "work@example.com", "version": 1,
        "created_at": user["meta"]["created"], "modified_at": user["meta"]["lastModified"],
    }]
    emails = [(row["user_id"], row["email"], row["email_type"], row["is_primary"])
              for row in reader.rows("scim_user_emails", "email")]
    assert emails == [(user["id"], "home@example.com", "home", 0), (user["id"], "work@example.com", "work", 1)]


def test_what_a_person_does_not_have_is_null(scim, reader):
    make_user(scim, "bare")
    row = reader.rows("scim_users", "id")[0]
    filled = {name for name, value in row.items() if value is not None}
    assert filled == {"tenant_id", "id", "user_name", "version", "created_at", "modified_at"}


def test_without_a_primary_the_first_address_counts(scim, reader):
    make_user(scim, "bo", emails=[{"value": "first@example.com"}, {"value": "second@example.com"}])
    assert reader.rows("scim_users", "id")[0]["primary_email"] == "first@example.com"


def test_a_change_is_seen_when_it_is_answered(scim, reader):
    user = make_user(scim, "carl", active=True)
    scim.patch(path_of(user), patch_op(op="replace", path="active", value=False)).expect(200)
    row = reader.rows("scim_users", "id")[0]
    assert (row["active"], row["version"]) == (0, 2)
    scim.delete(path_of(user)).expect(204)
    assert reader.rows("scim_users", "id") == []


def test_groups_and_members(scim, reader):
    user = make_user(scim, "dora")
    inner = make_group(scim, "Inner", user)
    outer = make_group(scim, "Outer", inner, externalId="g-2")
    groups = [(row["id"], row["display_name"], row["external_id"], row["version"])
              for row in reader.rows("scim_groups", "display_name")]
    assert groups == [(inner["id"], "Inner", None, 1), (outer["id"], "Outer", "g-2", 1)]
    members = {(row["group_id"], row["member_id"], row["member_type"])
               for row in reader.rows("scim_group_members", "group_id")}
    assert members == {(inner["id"], user["id"], "User"), (outer["id"], inner["id"], "Group")}


def test_changes_in_order_without_gaps(scim, tenant, reader):
    user = make_user(scim, "eve", title="A")
    scim.patch(path_of(user), patch_op(op="replace", path="title", value="B")).expect(200)
    make_group(scim, "Everybody", user)
    scim.delete(path_of(user)).expect(204)
    told = changes(tenant, 6)  # sealed by now; the membership came and went as changes of its own
    rows = reader.rows("scim_changes", "position")
    assert [row["position"] for row in rows] == list(range(1, len(rows) + 1))
    first = [(row["action"], row["resource_type"], row["resource_id"] == user["id"]) for row in rows[:2]]
    assert first == [("create", "User", True), ("update", "User", True)]
    assert ("delete", "User", user["id"]) in [(row["action"], row["resource_type"], row["resource_id"]) for row in rows]
    assert [row["request_id"] for row in rows] == [one["request"] for one in told]
    assert all(json.loads(row["forward"]) is not None and json.loads(row["reverse"]) is not None for row in rows)


def test_other_tenants_are_not_in_it(scim, tenant, daemon, make_tenant, reader):
    make_user(scim, "fay")
    other = make_tenant(daemon)
    make_user(other.client(), "gus")
    assert [row["user_name"] for row in reader.rows("scim_users", "id")] == ["fay"]
    assert [row["user_name"] for row in Reader(other).rows("scim_users", "id")] == ["gus"]


def test_scimctl_tells_the_number(daemon, tenant, reader):
    shown = daemon.ctl("tenant", "show", tenant.name).stdout
    assert re.search(rf"^NUMBER: {reader.number}$", shown, re.MULTILINE), shown


def test_an_application_cannot_write(reader):
    with pytest.raises(reader.engine.read_only):
        reader.execute("DELETE FROM scimd_user")
