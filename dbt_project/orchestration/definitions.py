"""What Dagster's processes load: see `processes`."""

import os

from dbt_project.orchestration.assets import Assets
from dbt_project.orchestration.graph import read_graph
from dbt_project.orchestration.jobs import definitions
from dbt_project.paths import Paths

_paths = Paths.from_env(os.environ)
defs = definitions(Assets(read_graph(_paths), _paths))
