"""Variables that other programs leave in the environment."""

import random

# Seen in shells, containers and CI of people: by name, values that they had.
SEEN = {
    "DBT_EMPTY": "true",
    "DBT_RESOURCE_TYPES": "model seed",
    "DBT_INDIRECT_SELECTION": "empty",
    "DBT_TARGET": "prod",
    "DBT_PROFILES_DIR": "/nowhere",
    "DBT_PROJECT_DIR": "/nowhere",
    "DBT_FULL_REFRESH": "true",
    "DBT_WARN_ERROR": "true",
    "DLT_DATA_DIR": "/nowhere",
    "DLT_PROJECT_DIR": "/nowhere",
    "RUNTIME__LOG_LEVEL": "SHOUT",
    "LOAD__WORKERS": "many",
    "NORMALIZE__DATA_WRITER__FILE_MAX_ITEMS": "1",
    "DATA_WRITER__BUFFER_MAX_ITEMS": "0",
    "DESTINATION__DUCKDB__CREDENTIALS": "duckdb:////nowhere/x.duckdb",
    "SCHEMA__NAMING": "sql_cs_v1",
    "CREDENTIALS": "nothing",
    "TIMEOUT": "soon",
    "WORKERS": "none",
    "SINCE": "yesterday",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "https_proxy": "http://127.0.0.1:9",
    "ALL_PROXY": "socks5://127.0.0.1:9",
    "NO_PROXY": "intern.example",
    "SSL_CERT_FILE": "/nowhere/ca.pem",
    "REQUESTS_CA_BUNDLE": "/nowhere/ca.pem",
    "SSLKEYLOGFILE": "/nowhere/keys",
    "PYTHONOPTIMIZE": "2",
    "PYTHONWARNINGS": "error",
    "PYTHONIOENCODING": "ascii",
    "PYTHONUTF8": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "TZ": "Asia/Kathmandu",
    "LANG": "tr_TR.UTF-8",
    "LC_ALL": "C",
    "TMPDIR": "/nowhere",
    "COLUMNS": "1",
    "TERM": "dumb",
    "NO_COLOR": "1",
    "CI": "true",
    "NETRC": "/nowhere/netrc",
    "PGHOST": "db.example",
    "PGSSLMODE": "verify-full",
    "PGOPTIONS": "-c search_path=nothing",
    "MOTHERDUCK_TOKEN": "nothing",
    "ARROW_DEFAULT_MEMORY_POOL": "nothing",
    "OMP_NUM_THREADS": "0",
    "WEB_CONCURRENCY": "many",
    "NODE_ENV": "production",
    "XDG_DATA_HOME": "/nowhere",
    "XDG_CONFIG_HOME": "/nowhere",
    "HOME": "/nowhere",
    "PGSERVICEFILE": "/nowhere/services",
    "PGPASSFILE": "/nowhere/passwords",
    "LD_PRELOAD": "/nowhere/faketime.so",
    "LD_AUDIT": "/nowhere/audit.so",
    "LD_LIBRARY_PATH": "/nowhere",
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_CHECK_": "3",
    "GLIBC_TUNABLES": "glibc.malloc.perturb=1",
    "WAREHOUSE_DATADIR": "/nowhere",
    "WAREHOUSE_KEEP_BUILDS": "some",
    "WAREHOUSE_AUDIT": "affected",
}
# These are refused, by their names.
REFUSED = ("WAREHOUSE_DATADIR", "WAREHOUSE_KEEP_BUILDS")


def environments(seed: int) -> dict[str, str]:
    """Half of the variables that are not refused."""
    names = [name for name in SEEN if name not in REFUSED]
    return {name: SEEN[name] for name in random.Random(seed).sample(names, len(names) // 2)}
