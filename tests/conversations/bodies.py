"""Request bodies that many tests send, and small readings of answers."""

from scimclient import ENTERPRISE, GROUP, USER


def user(user_name, **attributes):
    """A creation or replacement of a user; an extension goes under its URN: **{ENTERPRISE: {...}}."""
    extensions = [key for key in attributes if key.startswith("urn:")]
    return {"schemas": [USER, *extensions], "userName": user_name, **attributes}


def group(name, *member_ids, **attributes):
    body = {"schemas": [GROUP], "displayName": name, **attributes}
    if member_ids:
        body["members"] = [{"value": member} for member in member_ids]
    return body


def employee(user_name, **enterprise):
    """A user with attributes of the enterprise extension."""
    return user(user_name, **{ENTERPRISE: enterprise})


def create(scim, body):
    """POSTs to the endpoint that the body's first schema says; returns the resource."""
    path = "/Groups" if body["schemas"][0] == GROUP else "/Users"
    return scim.post(path, body).expect(201).json


def names(scim, expression=None, path="/Users", **parameters):
    """The userNames (of groups: displayNames) that a filter finds, as a set."""
    if expression is not None:
        parameters["filter"] = expression
    return {
        resource.get("userName", resource.get("displayName"))
        for resource in scim.all(path, **parameters)
    }


def members(scim, group_id):
    """The ids in a group, in no order."""
    resource = scim.get(f"/Groups/{group_id}").expect(200).json
    return sorted(member["value"] for member in resource.get("members", []))
