"""The configuration of a cluster on this machine, as files that Spark reads when it starts."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from dbt_project.engine.requirements import Installation

LOOPBACK = "127.0.0.1"
# A worker counts what its executor needs besides the heap.
OVERHEAD = 1.4
MB = 1_000_000
LOG4J = """\
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d %p %c{1}: %m%n%ex
"""


@dataclass(frozen=True)
class Cluster:
    """A cluster on this machine, and where its files are.

    Attributes:
        folder: of its files: configuration, logs, process ids, what is spilled to disk.
        lake: the folder of the lake.
        port: where the Thrift server listens; the master listens on the next one.
        workers: how many processes execute queries, each with an executor of one core.
        memory: bytes of the heap of the Thrift server, and of each executor.
    """

    folder: Path
    lake: Path
    port: int
    workers: int
    memory: int

    @property
    def configuration(self) -> Path:
        """The folder of what Spark reads when it starts."""
        return self.folder / "conf"

    @property
    def logs(self) -> Path:
        """The folder of a log for each process."""
        return self.folder / "logs"

    @property
    def pids(self) -> Path:
        """The folder of a file for each process, which names it."""
        return self.folder / "pids"

    @property
    def master(self) -> str:
        """The master's address, as Spark writes it."""
        return f"spark://{LOOPBACK}:{self.port + 1}"

    @property
    def heap(self) -> str:
        """The memory of a heap, as Java writes it."""
        return f"{self.memory // MB}m"

    @property
    def worker_memory(self) -> str:
        """The memory that a worker may give to its executor, as Spark writes it."""
        return f"{int(self.memory * OVERHEAD) // MB}m"


def write_configuration(cluster: Cluster, installed: Installation) -> None:
    """Write the configuration of a cluster, and make its folders.

    Raises:
        OSError: a folder cannot be written.
    """
    tables = cluster.lake / "warehouse"
    for folder in (cluster.configuration, cluster.logs, cluster.pids, tables):
        folder.mkdir(parents=True, exist_ok=True)
    written = {
        "log4j2.properties": LOG4J,
        "hive-site.xml": _hive_site(cluster, tables),
        "spark-defaults.conf": _defaults(cluster, installed, tables),
    }
    for name, text in written.items():
        (cluster.configuration / name).write_text(text, encoding="utf-8")


def environment(
    cluster: Cluster, installed: Installation, env: Mapping[str, str], *, is_daemon: bool
) -> dict[str, str]:
    """The environment of a Spark process: nothing of the caller's but what Java needs.

    Args:
        cluster: whose process it is.
        installed: what it runs on.
        env: the caller's environment.
        is_daemon: whether it is a master or a worker, which need little memory.
    """
    kept = {name: env[name] for name in ("HOME", "LANG", "PATH", "TMPDIR", "USER") if name in env}
    return {
        **kept,
        "JAVA_HOME": str(installed.java),
        "SPARK_HOME": str(installed.spark),
        "SPARK_CONF_DIR": str(cluster.configuration),
        "SPARK_LOCAL_IP": LOOPBACK,
        "SPARK_LOCAL_DIRS": str(cluster.folder / "spill"),
        # The master and the workers themselves. It would hold for the Thrift server too.
        **({"SPARK_DAEMON_MEMORY": "256m"} if is_daemon else {}),
    }


def _hive_site(cluster: Cluster, tables: Path) -> str:
    """The catalogue of tables: a Derby database of the Thrift server's own."""
    properties = {
        "javax.jdo.option.ConnectionURL": (
            f"jdbc:derby:;databaseName={cluster.folder / 'metastore'};create=true"
        ),
        "datanucleus.schema.autoCreateAll": "true",
        "hive.metastore.schema.verification": "false",
        "hive.metastore.warehouse.dir": str(tables),
        "hive.server2.thrift.bind.host": LOOPBACK,
        "hive.server2.thrift.port": str(cluster.port),
        "hive.exec.scratchdir": str(cluster.folder / "scratch"),
    }
    lines = (
        f"<property><name>{name}</name><value>{escape(value)}</value></property>"
        for name, value in properties.items()
    )
    return "<configuration>\n{}\n</configuration>\n".format("\n".join(lines))


def _defaults(cluster: Cluster, installed: Installation, tables: Path) -> str:
    derby_log = cluster.logs / "derby.log"
    settings = {
        "spark.driver.host": LOOPBACK,
        "spark.driver.bindAddress": LOOPBACK,
        "spark.driver.memory": cluster.heap,
        "spark.executor.memory": cluster.heap,
        "spark.executor.cores": "1",
        # A worker that comes back, or is added, serves the server that runs.
        "spark.cores.max": "64",
        "spark.driver.extraJavaOptions": (
            f"-Duser.timezone=UTC -Dderby.stream.error.file={derby_log}"
        ),
        "spark.executor.extraJavaOptions": "-Duser.timezone=UTC",
        "spark.driver.extraClassPath": str(installed.iceberg),
        "spark.executor.extraClassPath": str(installed.iceberg),
        "spark.ui.enabled": "false",
        "spark.scheduler.mode": "FAIR",
        "spark.sql.shuffle.partitions": "8",
        "spark.sql.session.timeZone": "UTC",
        # A text that is not a time is null, and not an error because older versions read it.
        "spark.sql.legacy.timeParserPolicy": "CORRECTED",
        "spark.sql.warehouse.dir": str(tables),
        "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
        "spark.sql.sources.default": "parquet",
        "spark.sql.legacy.createHiveTableByDefault": "false",
        "spark.sql.extensions": (
            "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions"
        ),
        "spark.sql.catalog.spark_catalog": "org.apache.iceberg.spark.SparkSessionCatalog",
        "spark.sql.catalog.spark_catalog.type": "hive",
        # Each session caches tables of its own, for half a minute: it would read a table as it was
        # before another session wrote it.
        "spark.sql.catalog.spark_catalog.cache-enabled": "false",
        # There is one server, and Derby has no locks of Hive.
        "spark.hadoop.iceberg.engine.hive.lock-enabled": "false",
    }
    return "".join(f"{name} {value}\n" for name, value in settings.items())
