with responses as (
    select * from {{ ref('stg_pisa__responses') }}
),

deletions as (
    select * from {{ ref('stg_pisa__response_deletions') }}
),

students as (
    select * from {{ ref('stg_pisa__file_students') }}
),

-- A deletion ends the version that was loaded before it: a row that came back since then lives.
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

unioned as (
    select
        'database' as submission_source,
        database_country,
        submission_id,
        submitted_at_reported,
        cnt_reported,
        durecec_reported,
        belong_reported,
        escs_reported,
        tmins_reported,
        w_fstuwt_reported,
        cast(null as string) as replicate_weight_at_fault,
        cast(null as string) as file_sha256,
        cast(null as string) as file_name,
        load_id,
        cast(null as bigint) as line_number,
        durecec,
        tmins,
        belong,
        escs,
        w_fstuwt,
        submitted_at,
        detected_at
    from answers

    union all

    select
        'file' as submission_source,
        cast(null as string) as database_country,
        coalesce(cast(student_id as string), student_id_reported) as submission_id,
        cast(null as string) as submitted_at_reported,
        cnt_reported,
        durecec_reported,
        belong_reported,
        escs_reported,
        tmins_reported,
        w_fstuwt_reported,
        replicate_weight_at_fault,
        file_sha256,
        file_name,
        load_id,
        line_number,
        durecec,
        tmins,
        belong,
        escs,
        w_fstuwt,
        cast(null as {{ type_instant() }}) as submitted_at,
        cast(null as {{ type_instant() }}) as detected_at
    from students
),

final as (
    select
        *,
        upper(trim(cnt_reported)) as country_code
    from unioned
)

select * from final
