with runs as (
    select * from {{ ref('int_core__valid_runs') }}
),

final as (
    select
        run_id,
        build_id,
        command,
        outcome,
        error,
        steps,
        rows_loaded_by_table,
        rows_published_by_mart,
        rows_rejected_by_mart,
        failures,
        versions,
        coalesce(rows_loaded, 0) as rows_loaded,
        coalesce(rows_published, 0) as rows_published,
        coalesce(rows_rejected, 0) as rows_rejected,
        tests_run,
        tests_passed,
        tests_failed,
        tests_warned,
        seconds,
        started_at,
        ended_at
    from runs
)

select * from final
