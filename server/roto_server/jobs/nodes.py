"""Nodes of the farm: whether their workers are given work, who decided that and why.

A node that drains finishes what it runs; one that is disabled gives it back with its next
heartbeat. Neither is given anything new, tasks or previews.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ..audit import Actor, record
from ..db.farm import DISABLED, ENABLED, Node
from ..db.session import database_now, savepoint
from ..errors import NotFoundError
from ..events import emit


def registered(session: Session, name: str) -> Node:
    """The node, from now on known, whose worker registers."""
    node = session.get(Node, name)
    if node is None:
        try:
            with savepoint(session):
                session.add(node := Node(name=name, state=ENABLED, reason=""))
        except IntegrityError:  # another slot of it was quicker
            node = session.get_one(Node, name)
    return node


def change(session: Session, actor: Actor, name: str, state: str, reason: str) -> Node:
    """Put the node into ``state``; audited, and told to those who watch the farm.

    Raises:
        NotFoundError: no worker of that node has ever registered.
    """
    node = session.get(Node, name, with_for_update=True)
    if node is None:
        raise NotFoundError("node", name)
    before = {"state": node.state, "reason": node.reason}
    after = {"state": state, "reason": reason}
    if before == after:
        return node
    node.state, node.reason = state, reason
    node.changed_at = database_now(session)
    node.changed_by = actor.id if actor.kind == "user" else None
    record(session, actor, f"node.{state}", "node", name, before=before, after=after)
    emit(session, "node.updated", None, {"node": name, **after})
    return node


def closed(session: Session) -> dict[str, Node]:
    """By name, the nodes whose workers are given nothing new."""
    return {node.name: node for node in session.scalars(select(Node).where(Node.state != ENABLED))}


def is_open(session: Session, name: str) -> bool:
    """Whether workers of the node are given work."""
    node = session.get(Node, name)
    return node is None or node.state == ENABLED


def why_stop(session: Session, name: str) -> str | None:
    """Why workers of the node are to give back what they run; None while they may go on."""
    node = session.get(Node, name)
    if node is None or node.state != DISABLED:
        return None
    return f"{told(node)}."


def told(node: Node) -> str:
    """For people: how the node stands, and why."""
    why = f": {node.reason}" if node.reason else ""
    return f"node {node.name} is {node.state}{why}"
