"""dlt's filesystem destination, whose loads become visible at once.

dlt puts a package's files where they belong, then the pipeline's state, then the record of the
load. What is changed here: files appear whole, the record names them, and a state holds only
together with the record of its load, so that neither rows nor state count without the other.
"""

from typing import Any, cast

import dlt
import pyarrow.parquet as pq
from dlt.common.destination.client import LoadJob, RunnableLoadJob, StateInfo
from dlt.common.json import json
from dlt.destinations.impl.filesystem.filesystem import FilesystemClient, FilesystemLoadJob
from dlt.destinations.job_impl import FinalizedLoadJob

from ingestion.core.clock import utc_now
from ingestion.core.lake.location import Lake
from ingestion.core.lake.records import (
    LOADS,
    LakeFile,
    Load,
    Record,
    record_name,
    recorded_ids,
)

LAYOUT = "{table_name}/{load_id}.{file_id}.{ext}"


class _FileJob(FilesystemLoadJob):
    _job_client: "_Client"

    def run(self) -> None:
        """Put the file into the lake, and note it for the record."""
        super().run()
        path = self.make_remote_file_path(self._file_name)
        rows = pq.read_metadata(self._file_path).num_rows
        self._job_client.written.append(LakeFile(path, rows))


class _StateJob(RunnableLoadJob):
    def run(self) -> None:
        """Do nothing: the state is written with the record.

        dlt's own job for this wakes nobody, and its loop sleeps for a second.
        """


class _Client(FilesystemClient):
    lake: Lake
    written: list[LakeFile]
    record: "LakeDestination"

    def create_dataset(self) -> None:
        """Make the folder, which a killed load may have left empty."""
        self.fs_client.makedirs(self.dataset_path, exist_ok=True)

    def get_load_job_class(self, table: Any, file_path: str) -> type[LoadJob]:
        found = super().get_load_job_class(table, file_path)
        return {FilesystemLoadJob: _FileJob, FinalizedLoadJob: _StateJob}.get(found, found)

    def get_stored_state(self, pipeline_name: str) -> StateInfo | None:
        """Return the newest state whose load is recorded."""
        recorded = {*recorded_ids(self.lake, self.dataset_name)}
        found = [
            (parts[1], path)
            for path, parts in self._list_dlt_table_files(
                self.schema.state_table_name, pipeline_name
            )
            if parts[1] in recorded
        ]
        if not found:
            return None
        _, path = max(found)
        return StateInfo(**json.loads(self.fs_client.read_text(path, encoding="utf-8")))

    def _store_load(self, load_id: str) -> None:
        load = Load(
            load_id, self.schema.name, 0, utc_now().isoformat(), self.schema.version_hash or ""
        )
        record = self.record.completed(load, self.written)
        path = self.pathlib.join(self.dataset_path, LOADS, record_name(load.schema_name, load_id))
        self.fs_client.write_text(path, record.to_json_lines(), encoding="utf-8")
        self.record.last = record


class LakeDestination(dlt.destinations.filesystem):
    """The lake, as dlt's pipelines write it.

    Args:
        lake: which one.

    Attributes:
        last: the record of the package that was written last.
        copied: loads, and files that are in the lake already, that the next record names too.
    """

    last: Record | None = None
    # dlt looks there for the defaults of what is not given.
    __orig_base__ = dlt.destinations.filesystem

    def __init__(self, lake: Lake) -> None:
        # No name of a raw table has a slash.
        super().__init__(bucket_url=lake.raw, layout=LAYOUT, warn_unsafe_layout_separators=False)
        self._lake = lake
        self._written: list[LakeFile] = []
        self.copied: tuple[tuple[Load, ...], tuple[LakeFile, ...]] = ((), ())

    @property
    def destination_type(self) -> str:
        """As dlt names it."""
        return "dlt.destinations.filesystem"

    @property
    def client_class(self) -> type[FilesystemClient]:
        """What writes packages."""
        return _Client

    def client(self, schema: Any, initial_config: Any = None) -> Any:
        """Return what writes a package; it notes its files here."""
        client = cast("_Client", super().client(schema, initial_config))
        client.fs_client = self._lake.files
        client.lake, client.written, client.record = self._lake, self._written, self
        return client

    def completed(self, load: Load, written: list[LakeFile]) -> Record:
        """Return the record of a load whose files are written, and begin the next one."""
        loads, files = self.copied
        self.copied = ((), ())
        # dlt puts a file again where the first time failed, and leaves a package that failed.
        own = [file for file in written if f"/{load.load_id}." in file.path]
        each = {file.path: file for file in (*files, *own)}
        by_id = {load.load_id: load, **{copied.load_id: copied for copied in loads}}
        return Record(load.load_id, tuple(by_id.values()), tuple(each.values()))
