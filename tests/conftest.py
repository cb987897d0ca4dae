"""What tests of several rooms share, and the rule for tests that need the real data."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

# Modules beside this one, with fixtures for all tests; "models" imports "pictures".
pytest_plugins = ("camera_server", "journals", "pictures", "models")


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist looks for the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of the real photos are left out, and say so, where there are none; those that share costly fixtures stay together."""
    for item in items:
        together = Path(__file__).parent / "export" if "export" in item.path.parts else item.path
        item.add_marker(pytest.mark.xdist_group(str(together.relative_to(item.config.rootpath))))
    if not os.environ.get("SIGNS_EDGE_DATA"):
        for item in items:
            if item.get_closest_marker("signs"):
                item.add_marker(pytest.mark.skip(reason="needs the real SIGNS data: set $SIGNS_EDGE_DATA"))


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """No test reads or writes the user's cache; all of them share this one, as cutting hands takes its time."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIGNS_EDGE_CACHE", str(folder))
        yield folder
