"""The list of mutations fits the kernel as it is; some are tried here, all by `mutations.py` itself."""

from __future__ import annotations

import pytest
from mutations import MUTATIONS, ROOT, Mutation, source, survives


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.words)
def test_a_mutation_changes_one_place_and_names_a_test(mutation: Mutation) -> None:
    assert source(mutation).count(mutation.old) == 1
    assert mutation.new != mutation.old
    file, _, test = mutation.caught_by.partition("::")
    assert f"def {test.partition('[')[0]}(" in (ROOT / file).read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("mutation", MUTATIONS[::12], ids=lambda mutation: mutation.words)
def test_a_mutation_is_caught(mutation: Mutation) -> None:
    assert not survives(mutation)
