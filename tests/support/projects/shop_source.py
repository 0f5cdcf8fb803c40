"""The source of the sample project, as WAREHOUSE_SOURCES names it; nothing loads it."""

from typing import ClassVar

from dlt.common.configuration import configspec

from ingestion.core.settings import SourceSettings
from ingestion.core.source import RawTable, Source

SOURCE = Source(
    name="shop",
    domain="shop",
    tables={"orders": RawTable(("order_id", "amount", "socrata_updated_at"), ("order_id",))},
    changed_at={"orders": "socrata_updated_at"},
    settings=f"{__name__}:ShopSettings",
    load="nothing:loads",
    reconcile="nothing:reconciles",
)


@configspec
class ShopSettings(SourceSettings):
    source: ClassVar[Source] = SOURCE
    base_url: str = ""
