"""Writes the population into a domain's database, through Samba's own modules."""

import contextlib

import domain
import population

PER_TRANSACTION = 5000


@contextlib.contextmanager
def transaction(database):
    database.transaction_start()
    try:
        yield
    except BaseException:
        database.transaction_cancel()
        raise
    database.transaction_commit()


def fill(directory, size):
    """Adds `size` people, the groups, and what else population.py has.  Once per domain."""
    database = domain.open_database(directory, batch=True)
    for first in range(1, size + 1, PER_TRANSACTION):
        with transaction(database):
            for number in range(first, min(first + PER_TRANSACTION, size + 1)):
                database.add(population.person(number))
    with transaction(database):
        for entry in population.others():
            database.add(entry)
        for entry in population.groups(size):
            database.add(entry)
        # closes the loop, now that both ends are there
        modify(database, population.group_dn(population.LOOP[0]), "add", "member",
               population.group_dn(population.LOOP[1]))
    _set_primary_groups(database, size)


def _set_primary_groups(database, size):
    with transaction(database):
        for dn in population.with_other_primary(size):
            set_primary_group(database, dn, population.group_dn(population.PRIMARY))


def modify(database, dn, operation, attribute, values, controls=None):
    """One change of one attribute: operation is add, delete or replace; None deletes all values."""
    import ldb

    flags = {"add": ldb.FLAG_MOD_ADD, "delete": ldb.FLAG_MOD_DELETE, "replace": ldb.FLAG_MOD_REPLACE}
    values = [] if values is None else values if isinstance(values, list) else [values]
    message = ldb.Message(dn if isinstance(dn, ldb.Dn) else ldb.Dn(database, dn))
    message["element"] = ldb.MessageElement(values, flags[operation], attribute)
    database.modify(message, controls or [])


def set_primary_group(database, dn, group):
    """Makes `group` the primary group; whoever gets one has to be a member before."""
    import ldb

    found = database.search(group, scope=ldb.SCOPE_BASE, attrs=["objectSid", "member"])[0]
    members = {str(value) for value in found.get("member", [])}
    if dn not in members:
        modify(database, group, "add", "member", dn)
    sid = database.schema_format_value("objectSid", found["objectSid"][0]).decode()
    modify(database, dn, "replace", "primaryGroupID", sid.rsplit("-", 1)[1])
