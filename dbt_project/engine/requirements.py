"""What a cluster on this machine needs: Java, the extra `spark`, a lake."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from ingestion.core.errors import WarehouseError
from ingestion.core.warehouse_settings import WarehouseSettings

# What Spark 3.5 and Iceberg 1.10 both run on.
JAVA_VERSIONS = (11, 17)
JAVA_ADVICE = (
    "install it (Debian: apt-get install openjdk-17-jre-headless), or set JAVA_HOME to its folder"
)
ICEBERG_JAR = "iceberg-spark-runtime-3.5_2.12-*.jar"
SECONDS_FOR_JAVA = 30


@dataclass(frozen=True)
class Installation:
    """What is installed on this machine.

    Attributes:
        java: the folder of Java.
        spark: the folder of Spark.
        iceberg: Iceberg's runtime for Spark, a jar.
    """

    java: Path
    spark: Path
    iceberg: Path


def installation(env: Mapping[str, str]) -> Installation:
    """Find Java, Spark and Iceberg.

    Args:
        env: JAVA_HOME, or PATH.

    Raises:
        WarehouseError: one is missing or of another version; the message says what to do.
    """
    spark, iceberg = _package("pyspark"), _package("snowpark_connect_deps_iceberg")
    jars = sorted((iceberg / "jars").glob(ICEBERG_JAR)) if iceberg else []
    if spark is None or not jars or _package("dbt.adapters.spark") is None:
        msg = "Spark is not installed: pip install --require-hashes -r requirements-spark.lock"
        raise WarehouseError(msg)
    return Installation(java=_java(env), spark=spark, iceberg=jars[-1])


def lake_folder(env: Mapping[str, str]) -> Path:
    """The folder of the lake.

    Raises:
        WarehouseError: WAREHOUSE_LAKE is not set, or is elsewhere than on this machine.
    """
    lake = WarehouseSettings.from_env(env, "lake").lake
    if lake is None:
        msg = "WAREHOUSE_LAKE is not set: set it to the folder of the lake"
        raise WarehouseError(msg)
    if "://" in lake:
        msg = f"a cluster on this machine needs a folder: WAREHOUSE_LAKE is {lake}"
        raise WarehouseError(msg)
    return Path(lake).expanduser().absolute()


def _package(name: str) -> Path | None:
    """The folder of an installed package, without importing it; None where there is none."""
    try:
        found = find_spec(name)
    except ModuleNotFoundError:
        return None
    return Path(found.origin).parent if found and found.origin else None


def _java(env: Mapping[str, str]) -> Path:
    home = env.get("JAVA_HOME", "").strip()
    program = shutil.which(str(Path(home) / "bin/java") if home else "java", path=env.get("PATH"))
    if program is None:
        where = f"in JAVA_HOME, {home}" if home else "on this machine"
        msg = f"there is no Java {where}: Spark needs version 17; {JAVA_ADVICE}"
        raise WarehouseError(msg)
    said = subprocess.run(  # noqa: S603
        [program, "-version"],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=SECONDS_FOR_JAVA,
        check=False,
    ).stderr
    found = re.search(r'version "(\d+)', said)
    if found is None or int(found[1]) not in JAVA_VERSIONS:
        which = f"version {found[1]}" if found else "not a Java that starts"
        msg = f"{program} is {which}: Spark needs 17; {JAVA_ADVICE}"
        raise WarehouseError(msg)
    return Path(program).resolve().parents[1]
