"""A cluster that the tests of this folder share."""

from collections.abc import Iterator

import pytest

from tests.support.spark import cluster
from tests.support.spark.cluster import Spark, running_spark


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spark]:
    """A real cluster of two workers; tests skip where the machine cannot run one."""
    if not cluster.is_there():
        pytest.skip(cluster.NOT_CHECKED)
    with running_spark(tmp_path_factory.mktemp("spark")) as running:
        yield running
