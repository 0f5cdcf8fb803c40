with runs as (
    select * from {{ source('warehouse', 'runs') }}
),

typed as (
    select
        run_id,
        build_id,
        command,
        outcome,
        public_error as error,
        steps,
        rows_loaded as rows_loaded_by_table,
        rows_published as rows_published_by_mart,
        rows_rejected as rows_rejected_by_mart,
        public_failures as failures,
        versions,
        {{ text_to_bigint('rows_loaded_total') }} as rows_loaded,
        {{ text_to_bigint('rows_published_total') }} as rows_published,
        {{ text_to_bigint('rows_rejected_total') }} as rows_rejected,
        {{ text_to_bigint('tests_run') }} as tests_run,
        {{ text_to_bigint('tests_passed') }} as tests_passed,
        {{ text_to_bigint('tests_failed') }} as tests_failed,
        {{ text_to_bigint('tests_warned') }} as tests_warned,
        {{ text_to_number('seconds', 'double') }} as seconds,
        {{ utc_text_to_timestamp("replace(started_at, '+00:00', 'Z')") }} as started_at,
        {{ utc_text_to_timestamp("replace(ended_at, '+00:00', 'Z')") }} as ended_at
    from runs
)

select * from typed
