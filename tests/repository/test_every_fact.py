"""No fact is forgotten: the domain knows each, and each changes a view or is passed over for a reason."""

from __future__ import annotations

import ast

from profile_service.domain.registry import FACT_TYPES
from projections.views import VIEWS
from tests.support.repository import ROOT

FACTS = {fact.DESCRIPTOR.name for fact in FACT_TYPES.values()}
# A fact that changes nothing anybody reads, and why.
PASSED_OVER: dict[str, str] = {
    "KeyEpochClosed": "how the keys stand is in the key database, and in no view",
    "LegalHoldPlaced": "an erasure asks the log whether one stands",
    "LegalHoldReleased": "as above",
    "RequesterIdentified": "what carries a right out asks the log",
    "ProcessingRestricted": "every read and every change asks the log whether it stands",
    "RestrictionLifted": "as above",
    "GuardianLinked": "whether somebody may consent for a child is asked of the log",
    "GuardianshipEnded": "as above",
    "PolicyPublished": "there are few versions, which every process keeps in memory",
    "ProjectionFactSkipped": "every view obeys it, and none shows it",
}


def names_used_in_the_domain() -> set[str]:
    """Every name that is used, and not only imported, in a module of the domain."""
    modules = (ROOT / "profile_service/domain").glob("*.py")
    nodes = [node for path in modules for node in ast.walk(ast.parse(path.read_text()))]
    plain = {node.id for node in nodes if isinstance(node, ast.Name)}
    return plain | {node.attr for node in nodes if isinstance(node, ast.Attribute)}


def test_the_domain_knows_every_fact():
    assert FACTS - names_used_in_the_domain() == set()


def test_every_fact_is_applied_by_a_view_or_passed_over_for_a_reason():
    applied = {message.DESCRIPTOR.name for view in VIEWS for message in view.apply}
    assert applied | PASSED_OVER.keys() == FACTS
    assert applied & PASSED_OVER.keys() == set()
