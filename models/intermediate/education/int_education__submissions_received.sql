{%- set affected = "select loads.load_id from loads where loads.load_state = 'affected'" -%}
{%- set built = "select loads.load_id from loads where loads.load_state = 'built'" -%}
with loads as (
    select * from {{ ref('int_education__load_states') }}
),

deletions as (
    select * from {{ ref('stg_pisa__response_deletions') }}
),

responses as (
    select * from {{ ref('stg_pisa__responses') }}
    where load_id in ({{ affected }})

    union all

    select * from {{ ref('stg_pisa__responses') }}
    where
        load_id in ({{ built }})
        and (database_country, submission_id) in (
            select
                deletions.database_country,
                deletions.submission_id
            from deletions
            where deletions.load_id in ({{ affected }})
        )
),

-- A deletion applies to the version that was loaded before it, not to a row that came back later.
answers as (
    select
        responses.*,
        deletions.detected_at
    from responses
    left join deletions
        on
            responses.database_country = deletions.database_country
            and responses.submission_id = deletions.submission_id
            and responses.load_id <= deletions.load_id
),

students as (
    select
        *,
        {{ is_line_affected(ref('stg_pisa__file_students'), affected) }} as is_affected
    from {{ ref('stg_pisa__file_students') }}
    where load_id in ({{ affected }}) or load_id in ({{ built }})
),

{% set reported = [
    'cnt_reported', 'durecec_reported', 'belong_reported', 'escs_reported', 'tmins_reported',
    'w_fstuwt_reported'
] | join(',\n        ') %}
{% set only_in_files = [
    'st059q02ja_reported', 'cyc_reported', 'replicate_weight_at_fault', 'plausible_value_at_fault',
    'student_number', 'school_id', 'stratum', 'file_sha256', 'file_name', 'line_text',
    'line_problem'
] %}

final as (
    select
        'database' as submission_source,
        database_country,
        submission_id,
        submitted_at_reported,
        {{ reported }},
        {%- for name in only_in_files %}
        cast(null as string) as {{ name }},
        {%- endfor %}
        load_id,
        cast(null as bigint) as line_number,
        cast(null as integer) as survey_cycle,
        true as is_affected,
        detected_at
    from answers

    union all

    select
        'file' as submission_source,
        cast(null as string) as database_country,
        coalesce(student_number, student_id_reported) as submission_id,
        cast(null as string) as submitted_at_reported,
        {{ reported }},
        {{ only_in_files | join(',\n        ') }},
        load_id,
        line_number,
        survey_cycle,
        is_affected,
        cast(null as {{ type_instant() }}) as detected_at
    from students
    where
        is_affected
        or upper(trim(cnt_reported)) in (
            select upper(trim(others.cnt_reported)) from students as others
            where others.is_affected
        )
)

select * from final
