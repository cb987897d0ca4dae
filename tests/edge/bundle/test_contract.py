"""The preprocessing contract: what this version obeys, and what it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.errors import ModelError


def test_the_seeds_contract() -> None:
    assert Contract().to_json() == {
        "height": 64,
        "width": 64,
        "colour": "RGB",
        "crop": "centre-square",
        "interpolation": "area",
        "divisor": 255.0,
    }


def test_survives_json() -> None:
    contract = Contract(height=32, width=48)

    assert Contract.from_json(json.loads(json.dumps(contract.to_json()))) == contract


@pytest.mark.parametrize(
    "change", [{"colour": "BGR"}, {"crop": "letterbox"}, {"interpolation": "nearest"}, {"divisor": 127.5}]
)
def test_what_it_cannot_do_is_refused_with_what_it_can(change: dict[str, Any]) -> None:
    ((name, received),) = change.items()

    with pytest.raises(ModelError, match=f"{name} {received!r} is not known to this version, which has") as caught:
        Contract.from_json({**Contract().to_json(), **change})
    assert repr(getattr(Contract(), name)) in str(caught.value)


@pytest.mark.parametrize("size", [(0, 64), (64, 0), (-1, -1)])
def test_a_picture_without_pixels_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ModelError, match="at least 1×1"):
        Contract(*size)


@pytest.mark.parametrize("values", [{"mean": [0, 0, 0]}, {"height": "64"}, [64, 64], 7])
def test_what_it_does_not_understand_is_refused(values: Any) -> None:
    with pytest.raises(ModelError, match="not understood"):
        Contract.from_json(values)
