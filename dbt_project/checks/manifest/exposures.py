"""A check that dbt-bouncer lacks: an exposure reads existing marts, and nothing else."""

from typing import Any

from dbt_bouncer.check_framework.decorator import check, fail


@check  # type: ignore[untyped-decorator]
def check_exposure_reads_marts(exposure: Any, ctx: Any) -> None:
    """Every node that an exposure depends on is a mart of the project."""
    marts = {
        unique_id
        for unique_id, node in ctx.manifest_obj.manifest.nodes.items()
        if node.original_file_path.startswith("models/marts/")
    }
    strangers = sorted(set(exposure.depends_on.nodes or []) - marts)
    if strangers:
        fail(f"`{exposure.name}` names what is not a mart of this project: {', '.join(strangers)}.")
