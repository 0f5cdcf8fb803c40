"""How such dashboards are usually built: each request queries the fact."""

import sys

import duckdb
import uvicorn
from fastapi import FastAPI

FACT = "education.fct_student_submissions"
QUERIES = {
    "/submissions": f"select count(*) from {FACT}",
    "/submissions_over_time": f"""
        select strftime(date_trunc('hour', submitted_at) at time zone 'UTC', '%H:%M'), count(*)
        from {FACT}
        where submitted_at > (select max(submitted_at) from {FACT}) - interval 24 hours
        group by date_trunc('hour', submitted_at) order by date_trunc('hour', submitted_at)""",
    "/learning_hours_per_week": f"""
        select country_code, avg(learning_minutes_per_week) / 60 from {FACT}
        group by country_code order by country_code""",
    "/escs": f"""
        select country_code, avg(escs) from {FACT} group by country_code order by country_code""",
    "/early_education_and_belonging": f"""
        select country_code, years_of_early_education, avg(belonging), count(*) from {FACT}
        where years_of_early_education is not null and belonging is not null
        group by all order by all""",
}


def naive_app(file: str) -> FastAPI:
    """An application that answers each route by a query on the fact."""
    app = FastAPI()
    connection = duckdb.connect(file, read_only=True)

    def add(path: str, query: str) -> None:
        @app.get(path)
        def answer() -> dict[str, list[list[object]]]:
            rows = connection.cursor().execute(query).fetchall()
            return {"datasets": [list(row) for row in rows]}

    for path, query in QUERIES.items():
        add(path, query)
    return app


if __name__ == "__main__":
    uvicorn.run(
        naive_app(sys.argv[1]),
        port=int(sys.argv[2]),
        http="httptools",
        access_log=False,
        log_level="warning",
    )
