"""Users and groups made in one line, and what tests about them ask again and again."""

from scimclient import GROUP, USER


def make_user(scim, user_name, /, **attributes):
    """Creates a user; returns the resource."""
    return scim.post("/Users", {"schemas": [USER], "userName": user_name, **attributes}).expect(201).json


def make_group(scim, name, *members, **attributes):
    """Creates a group of resources or ids; returns the resource."""
    body = {"schemas": [GROUP], "displayName": name, **attributes}
    if members:
        body["members"] = [reference(one) for one in members]
    return scim.post("/Groups", body).expect(201).json


def reference(resource):
    """What names a resource in members: {"value": id}."""
    return {"value": resource if isinstance(resource, str) else resource["id"]}


def references(*resources):
    return [reference(one) for one in resources]


def path_of(resource):
    """The path of a resource below the SCIM root: "/Users/ID"."""
    return f"/{resource['meta']['resourceType']}s/{resource['id']}"


def read(scim, resource, **parameters):
    """The resource as it is now."""
    return scim.get(path_of(resource), **parameters).expect(200).json


def member_ids(scim, group):
    """The ids of a group's members now, as a set; fails if one is there twice."""
    ids = [one["value"] for one in read(scim, group).get("members", [])]
    assert len(ids) == len(set(ids)), "a member is listed twice"
    return set(ids)


def ids_of(*resources):
    return {one["id"] for one in resources}


def memberships(scim, user):
    """{display of a group: "direct" or "indirect"} of a user's or group's groups now."""
    return {one["display"]: one["type"] for one in read(scim, user).get("groups", [])}


def found(scim, path, condition, **parameters):
    """The ids that a filter finds, as a set."""
    return {one["id"] for one in scim.all(path, filter=condition, **parameters)}


def changes(tenant, count, after=0):
    """The first `count` changes of a tenant's log behind `after`; waits until they are sealed."""
    rows = []
    while len(rows) < count:
        path = f"/v1/tenants/{tenant.name}/log?after={after}&wait=20"
        page = tenant.daemon.admin.get(path).expect(200).json["changes"]
        assert page, f"only {len(rows)} of {count} changes came"
        rows += page
        after = rows[-1]["position"]
    assert len(rows) == count
    return rows
