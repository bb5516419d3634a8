"""A contract that cannot be used is named with the place and the reason, in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.contracts import load_contract
from pipelines.contracts.registry import ContractError
from tests.contracts.test_contracts import written


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("feed: posts\n  title: [\n", r"line 2, column 8: "),
        ("", "it holds no members"),
        ("- feed\n", "it holds no members"),
        (b"feed: \xff\n", "can't decode byte 0xff in position 6"),
    ],
)
def test_a_contract_that_cannot_be_read_is_named_with_place_and_reason(
    content: str | bytes, told: str, tmp_path: Path
) -> None:
    path = tmp_path / "posts" / "feed.yml"
    path.parent.mkdir()
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ContractError, match=rf"posts/feed\.yml: .*{told}.*Mend the file") as refused:
        load_contract(path)
    assert "\n" not in str(refused.value)


def test_an_identity_block_that_cannot_be_read_is_named_itself(tmp_path: Path) -> None:
    path = written(tmp_path / "posts", "identity_block: true\n")
    for content, told in ((None, "No such file"), ("columns: [\n", "line 2, column 1")):
        if content:
            (tmp_path / "identity_block.yml").write_text(content)
        with pytest.raises(ContractError, match=rf"/identity_block\.yml: {told}"):
            load_contract(path)


def test_a_column_that_cannot_be_used_is_called_by_its_name(tmp_path: Path) -> None:
    path = written(tmp_path / "posts", "  - {name: colour, type: tint, meaning: What colour}\n")
    with pytest.raises(ContractError, match=r"posts/feed\.yml: columns, colour, type: ") as refused:
        load_contract(path)
    assert "http" not in str(refused.value)
