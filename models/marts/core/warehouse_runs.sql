with runs as (
    select * from {{ ref('int_core__valid_runs') }}
),

final as (
    select
        run_id,
        started_at,
        ended_at,
        command,
        outcome,
        error,
        steps,
        build_id,
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
        seconds
    from runs
)

select * from final
